/** The content under the pointer in a line chart: the nearest curve, the tooltip's rows, marks. Pure. */

import { findNearest } from "@/data/curves/columns";
import { formatCount, formatNoun, formatSigned, formatValue, formatWithin } from "@/data/text/format";
import { bandWords } from "@/data/view/setting-titles";
import type { Frame, Range } from "../../axis/scale";
import { positionText } from "../../axis/x-axis";
import type { Tip, TipMark, TipRow } from "../../shared-state";
import type { BuiltLine } from "../built-line";
import { bucketAt, widthAt } from "../curve-points";
import { isInStack } from "../fill";
import type { BuiltChart } from "../line-build";
import { isOfGroup } from "../ranges";

/** A curve lights up when the pointer is this near, px. */
const NEAR_PX = 40;
/** The pointer is on a spike this near, px. */
const SPIKE_PX = 3;
/** Distances of curves that reach the pointer are this many times smaller than those of curves that do not. */
const SAME_REACH = 1e4;
/** The pointer is on a mark this near, px. */
const MARK_PX = 7;

/** A curve under the pointer, and which of its points. */
export interface Hit {
  readonly line: BuiltLine;
  readonly at: number;
}

export interface Hover {
  /** Where the crosshair stands, in units of x. */
  readonly x: number;
  readonly hits: readonly Hit[];
  readonly near: Hit | null;
  readonly rows: readonly TipRow[];
  readonly marks: readonly TipMark[];
  readonly note: string | null;
  readonly nHigher: number;
  readonly nLower: number;
  /** The x of the near point: `step 17,514`, or the bucket's steps. */
  readonly label: string;
}

/**
 * The hover at `px`, `py` of the plot; null where no curve has a point. At most `tipRows` rows around the nearest.
 */
export function hoverAt(
  built: BuiltChart,
  frame: Frame,
  px: number,
  py: number,
  tipRows: number,
): Hover | null {
  const pointer = frame.xAt(px);
  const around = hitsAt(built.lines, pointer).map((hit) => onSpike(hit, frame, px));
  const distance = (hit: Hit) => distanceTo(hit, frame, py, built.isDense);
  const nearest = around.length > 0 ? around.reduce((a, b) => (distance(b) < distance(a) ? b : a)) : null;
  const near = nearest && distance(nearest) < NEAR_PX ? nearest : null;
  const point = nearest ? nearest.line.x[nearest.at]! : pointer;
  // all values are of the place that is named, not of where the pointer is
  const hits = nearest ? hitsAt(built.lines, point) : [];
  const marks = [...marksAt(built, frame, px, py), ...nonfiniteMarksAt(built.lines, point, tipRows)];
  if (hits.length === 0 && marks.length === 0) return null;
  const ordered = [...hits].sort((a, b) => b.line.y[b.at]! - a.line.y[a.at]!);
  const nth = ordered.findIndex(({ line }) => line === nearest?.line);
  const middle = nth - Math.floor(tipRows / 2);
  const from = Math.max(0, Math.min(ordered.length - tipRows, middle));
  const shown = ordered.slice(from, from + tipRows);
  return {
    x: point,
    hits,
    near,
    rows: shown.map((hit) => ({
      ...rowOf(hit, near, hits, built.isPercent, spanOf(frame.y)),
      position: nearest && positionBeside(built, hit, nearest),
    })),
    marks,
    note: noteOf(built, shown),
    nHigher: from,
    nLower: ordered.length - from - shown.length,
    label: positionText(built.axis, point, nearest ? widthAt(nearest.line, nearest.at) : 1, spanOf(frame.x)),
  };
}

/** The width of a range. */
export function spanOf([from, to]: Range): number {
  return to - from;
}

/** `± standard error, then lowest – highest point`: as far as rows have them. */
function noteOf({ band }: Pick<BuiltChart, "band">, rows: readonly Hit[]): string | null {
  const groups = rows.map(({ line }) => line).filter(isOfGroup);
  const hasReach = groups.some(({ lo, least, hasBand }) => hasBand && lo !== least);
  const words = [
    hasReach && bandWords(band),
    groups.some((line) => line.hasExtremes) && "min – max of all points",
  ];
  return words.filter(Boolean).join(", then ") || null;
}

/** A spike that is this near is what was meant: it is too thin to be hit. */
function onSpike({ line, at }: Hit, frame: Frame, px: number): Hit {
  let best = at;
  let least = SPIKE_PX;
  for (const spike of line.spikes) {
    const far = Math.abs(frame.xPx(line.x[spike]!) - px);
    if (far > least) continue;
    best = spike;
    least = far;
  }
  return { line, at: best };
}

/**
 * Px from the pointer to a curve, to its spike from end to end, or to its part of a stack.
 *
 * In a density any bucket counts as a spike: where the envelope has a point of one run alone, that is the run.
 */
function distanceTo({ line, at }: Hit, frame: Frame, py: number, isDense: boolean): number {
  if (isInStack(line, at, frame, py)) return 0;
  const far = Math.abs(frame.yPx(line.y[at]!) - py);
  const isTall = isDense ? far > SPIKE_PX && line.hasExtremes : line.spikes.includes(at);
  const isOnSpike =
    isTall &&
    py >= frame.yPx(line.greatest[at]!) - SPIKE_PX &&
    py <= frame.yPx(line.least[at]!) + (isDense ? SPIKE_PX : 0);
  // of several that reach there, the nearest by its mean
  return isOnSpike ? Math.min(far, SPIKE_PX + (isDense ? far / SAME_REACH : 0)) : far;
}

/** `NaN` or the like where a curve's points nearest to `x` have no number; else null. */
export function nonfiniteAt(line: BuiltLine, x: number): string | null {
  const { nonfinite, x: finite } = line;
  if (!nonfinite) return null;
  const far = (all: ArrayLike<number>) =>
    Math.abs((all[findNearest(all, x)] ?? Number.POSITIVE_INFINITY) - x);
  return far(nonfinite.all) < Math.min(far(finite), reachOf(line)) ? nonfinite.kind : null;
}

/** The distance at which a point still stands for its surroundings: the mean distance of points. */
function reachOf({ x, width }: BuiltLine): number {
  const n = x.length;
  return Math.max(width, n > 1 ? (x[n - 1]! - x[0]!) / (n - 1) : 0);
}

/**
 * The point of each curve at `x`, of the curves that have a number there or as near as their points are apart. Groups
 * share their buckets: one has ended where its last bucket has, and begins with its first.
 */
export function hitsAt(lines: readonly BuiltLine[], x: number): Hit[] {
  const hits: Hit[] = [];
  for (const line of lines) {
    const at = findNearest(line.x, x);
    if (at < 0 || nonfiniteAt(line, x) || (isOfGroup(line) && isBeyondEnds(line, x))) continue;
    // before and after the curve, and in a hole of it, its nearest point says nothing of this place
    if (Math.abs(line.x[at]! - x) <= reachOf(line)) hits.push({ line, at });
  }
  return hits;
}

function isBeyondEnds(line: BuiltLine, x: number): boolean {
  return x < bucketAt(line, 0)[0] || x >= bucketAt(line, line.x.length - 1)[1];
}

/** Where a value is of, if it is of none of the steps of the named point: `step 60,000`; else null. */
export function positionBeside(
  { axis, x }: Pick<BuiltChart, "axis" | "x">,
  { line, at }: Hit,
  named: Hit,
): string | null {
  if (axis.kind !== "step") return null;
  const [from, to] = stepsAt(line, at);
  const [namedFrom, namedTo] = stepsAt(named.line, named.at);
  if (from < namedTo && namedFrom < to) return null;
  return positionText(axis, line.x[at]!, widthAt(line, at), x[1] - x[0]);
}

/** The steps that a point stands for, from the first to the one after the last. */
function stepsAt(line: BuiltLine, at: number): readonly [number, number] {
  const step = line.x[at]!;
  return line.isExact?.[at] ? [step, step + 1] : bucketAt(line, at);
}

/** Difference of a value to the baseline's there; null without one. Of the same metric, as others mean nothing. */
function deltaOf({ line, at }: Hit, hits: readonly Hit[]): number | null {
  if (line.isBaseline) return null;
  const base = hits.find((hit) => hit.line.isBaseline && hit.line.key === line.key);
  return base ? line.drawn[at]! - base.line.drawn[base.at]! : null;
}

function rowOf(
  hit: Hit,
  near: Hit | null,
  hits: readonly Hit[],
  isPercent: boolean,
  span: number,
): Omit<TipRow, "position"> {
  const { line, at } = hit;
  const textOf = (value: number) => formatWithin(value, span);
  const [least, greatest] = [line.least[at]!, line.greatest[at]!];
  // a band of its own around a group's center
  const reach = line.lo === line.least ? 0 : (line.hi[at]! - line.lo[at]!) / 2;
  const delta = deltaOf(hit, hits);
  const mean = textOf(line.mean[at]!) + (reach > 0 ? ` ± ${formatValue(reach)}` : "");
  const { id, highlightId, name, color, stroke, widthPx, hasDots, isBaseline } = line;
  return {
    id,
    highlightId,
    name,
    color,
    stroke,
    widthPx,
    hasDots,
    isBaseline,
    // the band and the range belong to the value before smoothing
    value: line.drawn === line.mean ? mean : `${textOf(line.drawn[at]!)} (${mean})`,
    range: line.hasExtremes && least < greatest ? `${textOf(least)} – ${textOf(greatest)}` : null,
    delta: delta === null ? null : formatSigned(delta, line.drawn[at]!),
    percent: isPercent && line.under ? `${(line.y[at]! - line.under[at]!).toFixed(1)} %` : null,
    part: partOfRuns(line, at),
    isNear: near?.line === line,
  };
}

/** The runs of a group that have a value at a point, `3 of 5 runs`; null: all of them. */
export function partOfRuns({ runs, nRuns }: Pick<BuiltLine, "runs" | "nRuns">, at: number): string | null {
  const n = runs[at] ?? nRuns;
  return n < nRuns ? `${formatCount(n)} of ${formatNoun(nRuns, "run")}` : null;
}

/** The curves without a number at `x`: a value of points before or after it would be taken for theirs. */
function nonfiniteMarksAt(lines: readonly BuiltLine[], x: number, most: number): TipMark[] {
  const marks = lines.flatMap((line): TipMark[] => {
    const kind = nonfiniteAt(line, x);
    return kind ? [{ look: "danger", text: kind, name: line.name, curve: line }] : [];
  });
  const nMore = marks.length - most;
  const more: TipMark[] =
    nMore > 0
      ? [{ look: "plain", text: `and ${formatNoun(nMore, "run")} more`, name: null, curve: null }]
      : [];
  return [...marks.slice(0, most), ...more];
}

/** The marks under the pointer: on the axis NaN and gaps, above the plot flags, on curves ends and resumptions. */
function marksAt({ lines, flags, gaps, stops }: BuiltChart, frame: Frame, px: number, py: number): TipMark[] {
  const marks: TipMark[] = [];
  const nameOf = (highlightId: string | null) =>
    lines.find((line) => line.highlightId === highlightId)?.name ?? null;
  const isOn = (x: number) => Math.abs(frame.xPx(x) - px) <= MARK_PX;
  if (py > frame.floor - 2 * MARK_PX) {
    for (const line of lines)
      if (line.nonfinite && isOn(line.nonfinite.x))
        marks.push({ look: "danger", text: line.nonfinite.label, name: line.name, curve: null });
    for (const { from, to, highlightId, text } of gaps)
      if (px >= frame.xPx(from) - MARK_PX && px <= frame.xPx(to) + MARK_PX)
        marks.push({ look: "warning", text, name: nameOf(highlightId), curve: null });
  }
  for (const { x, y, text, look, highlightId } of stops) {
    if (Math.hypot(frame.xPx(x) - px, frame.yPx(y) - py) > MARK_PX) continue;
    const as = look === "failed" ? "danger" : look === "preempted" ? "warning" : "plain";
    marks.push({ look: as, text, name: nameOf(highlightId), curve: null });
  }
  for (const line of lines) {
    const { fewerAfter: last, name } = line;
    if (last === null || Math.hypot(frame.xPx(line.x[last]!) - px, frame.yPx(line.y[last]!) - py) > MARK_PX)
      continue;
    marks.push({
      look: "plain",
      text: `a run ends here; from here ${partOfRuns(line, last + 1)}`,
      name,
      curve: null,
    });
  }
  for (const { x, text, look, highlightId } of flags) {
    if (!isOn(x)) continue;
    const as = look === "ERROR" ? "danger" : look === "WARN" ? "warning" : "plain";
    marks.push({ look: as, text, name: nameOf(highlightId), curve: null });
  }
  return marks;
}

interface TipPlace {
  readonly title: string;
  /** Of the chart's element, px of the page. */
  readonly box: DOMRect;
  readonly frame: Frame;
  readonly px: number;
  readonly py: number;
}

/** The tooltip of a hover, within the height of the plot. */
export function tipAt(hover: Hover, { title, box, frame, px, py }: TipPlace): Tip {
  const { rows, marks, note, nHigher, nLower, label } = hover;
  return {
    title,
    at: label,
    rows,
    marks,
    note,
    nHigher,
    nLower,
    left: box.left + px,
    top: box.top + py,
    ceiling: box.top + frame.top,
    floor: box.bottom - (frame.height - frame.floor) - 4,
  };
}

/** Whether curves that the pointer is at are no longer drawn: others were chosen, or they are grouped in another way. */
export function isOfOthers({ hits }: Hover, { lines }: Pick<BuiltChart, "lines">): boolean {
  const drawn = new Set(lines.map(({ highlightId }) => highlightId));
  return hits.some(({ line }) => !drawn.has(line.highlightId));
}
