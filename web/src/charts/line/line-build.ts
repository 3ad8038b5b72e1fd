/**
 * From curves to what is drawn: positions, bands, the smoothed line, ranges, marks. Pure.
 *
 * Step of the data's way: after `curve-points.ts`, before `lines-paint.ts`.
 */

import type { SeriesColumns } from "@/data/curves/columns";
import { smooth } from "@/data/curves/smooth";
import { type Band, hasAxisBy } from "@/data/view/settings";
import type { Range } from "../axis/scale";
import { type XAxis, xAxisOf } from "../axis/x-axis";
import type { BuiltLine } from "./built-line";
import type { Curve, LineView } from "./curve";
import { type CurvePoints, curvePointsOf } from "./curve-points";
import { MOST_CURVES } from "./density";
import { fillLines, isStacked } from "./fill";
import { type ChartMarks, marksOf, nonfiniteMarkOf } from "./marks";
import { bandStrengthIn } from "./overlap";
import { isOfGroup, ownXOf, ownYOf, xRangeOf, yRangeOf } from "./ranges";

export interface BuiltChart extends ChartMarks {
  readonly lines: readonly BuiltLine[];
  readonly axis: XAxis;
  /** So many lines that their density is drawn, and only those that stand out by themselves. */
  readonly isDense: boolean;
  /** Lines are parts of their sum, and y is in percent. */
  readonly isPercent: boolean;
  /** The part of their strength that bands are drawn with that no one chose; 0: they overlap too much to be drawn. */
  readonly bandStrength: number;
  /** The band that is drawn, or would be: `auto` no more. */
  readonly band: Exclude<Band, "auto">;
  /** Whether there are values to draw, and whether all of them are whole: then there is nothing to read between 1 and 2. */
  readonly values: "none" | "whole" | "any";
  readonly x: Range;
  readonly y: Range;
  /** Of its own data, without ends that were set; null: there is none, or it is over another axis than was asked for. */
  readonly own: OwnRanges | null;
}

interface OwnRanges {
  readonly x: Range;
  readonly y: Range;
  /** Bands of groups overlap too much to be drawn. */
  readonly hasFadedBands: boolean;
}

/** Positions that were worked out before; an answer's arrays never change. */
export type PointsCache = Map<SeriesColumns, CurvePoints>;

const NO_ENDS = [null, null] as const;
/** A density shows by itself where it leaves the range. */
const NO_MARKS = { clips: [], stops: [] } as const;
/** Room of one NaN mark among those of hundreds of runs, as a part of the axis. */
const MARK_ROOM = 0.03;

/**
 * Build all curves of a panel and the ranges that show what is drawn of them, spikes included.
 *
 * @param cache kept from one call to the next: another smoothing or zoom recomputes no points
 */
export function buildChart(
  curves: readonly Curve[],
  requestedView: LineView,
  cache: PointsCache = new Map(),
): BuiltChart {
  const { axis, isFormer } = axisOfCurves(curves, requestedView);
  const view = isFormer
    ? { ...requestedView, zoom: null, cutAt: null, sharedX: null, xEnds: NO_ENDS }
    : requestedView;
  const cachedPoints = new Map(cache);
  cache.clear();
  const hasExtremes = isAllPoints(curves, view);
  const placed = curves.map(({ columns }) => {
    const points = cachedPoints.get(columns) ?? curvePointsOf(columns);
    cache.set(columns, points);
    return hasExtremes ? withExtremes(points) : points;
  });
  const ownX = ownXOf(placed, axis, view);
  const x = xRangeOf(ownX, view);
  const span = x[1] - x[0];
  const curveLines = curves.map(({ columns, ...curve }, i): BuiltLine => {
    const points = placed[i]!;
    const { key, run, originMicros, nRuns } = columns;
    const drawn = smooth(points.x, points.mean, view.smoothing, span);
    const y = drawn === points.mean ? points.evened : drawn;
    const nonfinite = view.hasNonfinite ? nonfiniteMarkOf(points.nonfinite, x) : null;
    return { ...curve, ...points, key, run, originMicros, nRuns, drawn, y, under: null, nonfinite };
  });
  const isDense = isDensity(curves, view);
  const lines = isDense ? withFewerMarks(curveLines, span) : fillLines(curveLines, view.fill);
  const ownY = ownYOf(lines, x, view, isDense);
  const y = yRangeOf(ownY, view);
  const bandStrength = view.band === "auto" && !isDense ? bandStrengthIn(lines, x, y, view.yScale) : 1;
  const hasFadedBands = bandStrength === 0 && lines.some(isOfGroup);
  const hasPoints = lines.some((line) => line.x.length > 0);
  const own = hasPoints && !isFormer ? { x: ownX, y: ownY, hasFadedBands } : null;
  const marks = marksOf(lines, axis, view, x, y);
  return {
    lines,
    axis,
    isDense,
    isPercent: view.fill === "percent",
    bandStrength,
    band: bandOf(curves, view),
    values: !hasPoints ? "none" : lines.every((line) => line.y.every(Number.isInteger)) ? "whole" : "any",
    x,
    y,
    own,
    ...marks,
    ...(isDense && NO_MARKS),
  };
}

/** Whether so many curves are drawn as a density. */
export function isDensity(curves: readonly Curve[], { fill }: Pick<LineView, "fill">): boolean {
  return curves.length > MOST_CURVES && !isStacked(fill);
}

/** NaN marks of hundreds of runs lie over each other: of those that would, the first. */
function withFewerMarks(lines: readonly BuiltLine[], span: number): BuiltLine[] {
  let last = Number.NEGATIVE_INFINITY;
  const marked = new Set<BuiltLine>();
  const byX = lines.filter((line) => line.nonfinite).sort((a, b) => a.nonfinite!.x - b.nonfinite!.x);
  for (const line of byX) {
    if (line.nonfinite!.x - last < span * MARK_ROOM) continue;
    last = line.nonfinite!.x;
    marked.add(line);
  }
  return lines.map((line) => (line.nonfinite && !marked.has(line) ? { ...line, nonfinite: null } : line));
}

/**
 * Whether bands, without a choice, reach from the minimum to the maximum of all points: of runs, and of groups of one run each.
 * Of other groups they are the standard error, whatever the values: panels of the same runs have the same band.
 */
export function isAllPoints(curves: readonly Curve[], { band }: Pick<LineView, "band">): boolean {
  return band === "auto" && !curves.some(({ columns }) => columns.group !== "" && columns.nRuns > 1);
}

/** The band of curves, where none was chosen the one that fits them. */
export function bandOf(curves: readonly Curve[], view: Pick<LineView, "band">): Exclude<Band, "auto"> {
  if (view.band !== "auto") return view.band;
  return isAllPoints(curves, view) ? "minmax" : "stderr";
}

function withExtremes(points: CurvePoints): CurvePoints {
  const { least: lo, greatest: hi, hasExtremes: hasBand } = points;
  return lo === points.lo ? points : { ...points, lo, hi, hasBand };
}

/**
 * The axis that curves are drawn over, the same for all. `isFormer`: the view has another one by now, and the curves stay until those
 * over it are here.
 */
export function axisOfCurves(
  curves: readonly Curve[],
  view: Pick<LineView, "axis" | "axisBy">,
): { readonly axis: XAxis; readonly isFormer: boolean } {
  const first = curves[0]?.columns;
  const kind = first?.axis ?? view.axis;
  const axis = xAxisOf(kind, first?.axisMetric ?? "");
  const isOther = hasAxisBy(kind) && first !== undefined && first.axisMetric !== view.axisBy;
  return { axis, isFormer: kind !== view.axis || isOther };
}
