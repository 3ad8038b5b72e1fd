/**
 * Which part of its x axis a panel shows. Pure.
 *
 * Panels with the same x axis share one zoom while the view's panels are in step (`isSynced`); a range of
 * steps is no range of seconds, so each kind of axis has its own.
 */

import type { Panel } from "./panel";
import type { PanelSettings } from "./settings";
import { type Range, settingsOf, type View } from "./view";

/** The name of the zoom that a panel follows in `view.zoom`. */
function zoomKey(view: View, panel: Panel, settings: PanelSettings): string {
  const { axis, axisMetric } = settings;
  // what `define_metric` says may differ from one panel to the next
  if (!view.isSynced || axis === "defined") return panel.id;
  return axis === "metric" ? `*metric:${axisMetric ?? ""}` : `*${axis}`;
}

/** The range that a panel shows; null: all of it. */
export function zoomOf(view: View, panel: Panel): Range | null {
  return view.zoom[zoomKey(view, panel, settingsOf(view, panel))] ?? null;
}

/** Whole steps; else five digits of the range. */
function rounded([lo, hi]: Range, isWhole: boolean): Range {
  if (isWhole) return [Math.floor(lo), Math.max(Math.floor(lo) + 1, Math.ceil(hi))];
  const digits = Math.min(12, Math.max(0, 4 - Math.floor(Math.log10(hi - lo))));
  return [Number(lo.toFixed(digits)), Number(hi.toFixed(digits))];
}

/** The change that zooms a panel, and those in step with it; null shows all again. */
export function withZoom(view: View, panel: Panel, range: Range | null): Partial<View> {
  const settings = settingsOf(view, panel);
  const key = zoomKey(view, panel, settings);
  const { [key]: _, ...others } = view.zoom;
  return { zoom: range ? { ...others, [key]: rounded(range, settings.axis === "step") } : others };
}
