/**
 * The part of its x axis that a panel shows. Pure.
 *
 * Panels with the same x axis share one zoom while the view's panels are in step (`isSynced`); a range of
 * steps is no range of seconds, so each kind of axis has its own.
 */

import { SYSTEM_SECTION } from "../metrics/sections";
import { makePanel, type Panel } from "./panel";
import { hasAxisBy, type PanelSettings } from "./settings";
import { type Range, settingsOf, type View } from "./view";

/**
 * The name of the zoom that a panel follows in `view.zoom`.
 *
 * @param drawn `XAxis.key` of what `define_metric` says of its curves
 */
function zoomKey(view: View, panel: Panel, settings: PanelSettings, drawn: string): string {
  const { axis, axisBy } = settings;
  if (!view.isSynced) return panel.id;
  if (axis === "defined") return `*${drawn}`;
  return hasAxisBy(axis) ? `*metric:${axisBy ?? ""}` : `*${axis}`;
}

/** The range that a panel shows; null: all of it. */
export function zoomOf(view: View, panel: Panel, drawn: string): Range | null {
  return view.zoom[zoomKey(view, panel, settingsOf(view, panel), drawn)] ?? null;
}

/**
 * Whether a panel may show a part of its x axis: a zoom of an axis that no panel has waits until one has it again.
 *
 * @param drawn `XAxis.key` of panels with the axis `defined`
 */
export function isZoomed(view: View, drawn: readonly string[]): boolean {
  const zooms = Object.keys(view.zoom);
  if (zooms.length === 0) return false;
  if (!view.isSynced) return zooms.some((key) => !key.startsWith("*"));
  const sections = Object.keys(view.sections);
  const panels = [
    ...["", SYSTEM_SECTION, ...sections].map((name) => makePanel("", "line", name)),
    ...Object.values(view.panels),
  ];
  const inUse = new Set(
    panels.flatMap((panel) => drawn.map((key) => zoomKey(view, panel, settingsOf(view, panel), key))),
  );
  return zooms.some((key) => inUse.has(key));
}

/** Whole steps; else five digits of the range. */
function rounded([lo, hi]: Range, isWhole: boolean): Range {
  if (isWhole) return [Math.floor(lo), Math.max(Math.floor(lo) + 1, Math.ceil(hi))];
  const digits = Math.min(12, Math.max(0, 4 - Math.floor(Math.log10(hi - lo))));
  return [Number(lo.toFixed(digits)), Number(hi.toFixed(digits))];
}

/** The change that zooms a panel, and those in step with it; null shows all again. */
export function withZoom(view: View, panel: Panel, range: Range | null, drawn: string): Partial<View> {
  const settings = settingsOf(view, panel);
  const key = zoomKey(view, panel, settings, drawn);
  const { [key]: _, ...others } = view.zoom;
  return { zoom: range ? { ...others, [key]: rounded(range, key === "*step") } : others };
}
