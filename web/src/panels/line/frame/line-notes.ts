/**
 * The notes of a line panel on how it draws.
 */

import type { XAxis } from "@/charts/axis/x-axis";
import type { Curve } from "@/charts/line/curve";
import { fillNoteOf } from "@/charts/line/fill";
import { bandOf } from "@/charts/line/line-build";
import { formatTick } from "@/data/text/format";
import { AXIS_TITLES, BAND_TITLES, bandWords } from "@/data/view/setting-titles";
import type { PanelProps } from "../../panel-props";
import { groupingOf } from "../curves/line-request";
import type { LineData } from "../curves/use-line-data";
import { axisTextOf } from "../settings/axis-words";

/**
 * Notes of the panel itself on how it draws; those that all panels share are in the toolbar.
 *
 * @param hasFadedBands the bands overlap too much to be drawn: a flag says so
 */
export function notesOf(
  { panel, settings, groupBy }: PanelProps,
  curves: readonly Curve[],
  bounds: LineData["bounds"],
  axis: XAxis,
  hasFadedBands: boolean,
): string[] {
  const own = panel.settings;
  const notes = groupNotes({ panel, settings, groupBy }, curves, hasFadedBands);
  const fillNote = fillNoteOf(settings.fill);
  if (fillNote) notes.push(fillNote);
  if (settings.by) notes.push(`by ${settings.by}`);
  if (settings.yScale !== "linear") notes.push(settings.yScale);
  if (settings.xScale !== "linear") notes.push(`${settings.xScale} x`);
  if (settings.axis === "defined") notes.push(definedWords(axis));
  else if (own.axis) notes.push(AXIS_TITLES[settings.axis].note || `by ${axisTextOf(settings)}`);
  const [lo, hi] = [settings.yEnds[0] ?? bounds?.[0] ?? null, settings.yEnds[1] ?? bounds?.[1] ?? null];
  if (lo !== null && hi !== null) notes.push(`y ${formatTick(round(lo))} to ${formatTick(round(hi))}`);
  else if (lo !== null) notes.push(`y from ${formatTick(round(lo))}`);
  else if (hi !== null) notes.push(`y to ${formatTick(round(hi))}`);
  return notes;
}

/** Notes on the center and the band of groups; none without groups. */
export function groupNotes(
  { panel, settings, groupBy }: Pick<PanelProps, "panel" | "settings" | "groupBy">,
  curves: readonly Curve[],
  hasFadedBands: boolean,
): string[] {
  if (!groupingOf(settings, groupBy)) return [];
  const own = panel.settings;
  const notes: string[] = [];
  if (own.center || own.band || own.groupBy) notes.push(settings.center);
  const band = bandOf(curves, settings);
  // another band is the section's or the workspace's, which name it
  const isOwn = settings.band === "auto" || own.band;
  if (isOwn && band !== "none" && !hasFadedBands)
    notes.push(band === "stderr" ? bandWords(band) : BAND_TITLES[band]);
  return notes;
}

/** The x axis of `define_metric`, where there is one. */
function definedWords({ kind, metric }: XAxis): string {
  return kind === "step" ? "" : `by ${metric}`;
}

function round(value: number): number {
  return Number(value.toPrecision(3));
}
