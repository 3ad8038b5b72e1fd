/** The ranges of a line chart: the zoom, ends that were set, or the data's, spikes included. Pure. */

import { formatTick } from "@/data/text/format";
import type { Ends, Scale } from "@/data/view/settings";
import type { Range } from "../axis/scale";
import { roundEnd } from "../axis/ticks";
import type { XAxis } from "../axis/x-axis";
import type { LineView } from "./curve";
import type { CurvePoints } from "./curve-points";
import { bandStrengthIn } from "./overlap";

/** So much of the width may be empty before the first curve, where the axis begins at 0 for that. */
const MOST_BEFORE = 1 / 4;
/** Empty room above and below the curves, of their height. */
const PAD = 0.06;

type Extent = Pick<CurvePoints, "span" | "firstAboveZero">;
interface Heights
  extends Pick<
    CurvePoints,
    "x" | "mean" | "lo" | "hi" | "hasBand" | "least" | "greatest" | "spikes" | "width"
  > {
  readonly run: string;
  readonly y: Float64Array;
  readonly under: Float64Array | null;
}

/** The x that a chart shows, of its own data's `ownXOf`. */
export function xRangeOf(own: Range, view: LineView): Range {
  if (view.zoom) return view.zoom;
  const [lo, hi] = view.xEnds;
  if (lo !== null && hi !== null && lo < hi) return [lo, hi];
  return withEnds(view.sharedX ?? own, view.xEnds, view.xScale);
}

/** The y that a chart shows, of its own data's `ownYOf`. */
export function yRangeOf(own: Range, view: LineView): Range {
  return withEnds(view.sharedY ?? own, view.yEnds, view.yScale);
}

/** Room before curves of one point where the axis begins, as a part of it: their dots are whole. */
const LONE_ROOM = 0.02;

/** All x of all lines, but for what is cut off; a single point gets room around it. */
export function ownXOf(lines: readonly Extent[], axis: XAxis, { xScale: scale, cutAt }: LineView): Range {
  let lo = Number.POSITIVE_INFINITY;
  let hi = Number.NEGATIVE_INFINITY;
  for (const { span, firstAboveZero } of lines) {
    if (!span) continue;
    const first = scale === "log" ? firstAboveZero : span[0];
    if (first > span[1]) continue;
    lo = Math.min(lo, first);
    hi = Math.max(hi, span[1]);
  }
  if (cutAt !== null && cutAt > lo) hi = Math.min(hi, cutAt);
  if (scale === "log") return lo > hi ? [1, 10] : lo === hi ? [lo / 2, hi * 2] : [lo, hi];
  if (lo > hi) return [0, 1];
  // a metric that is logged a little later than others is compared with them: their axes begin at the same x
  if (lo > 0 && lo <= hi * MOST_BEFORE) lo = 0;
  if (!(hi > lo)) return [lo - 0.5, hi + 0.5];
  const end = axis.kind === "step" || axis.kind === "metric" ? roundEnd(lo, hi) : hi;
  const hasLoneStart = lines.some(({ span }) => span !== null && span[0] === span[1] && span[0] === lo);
  return [hasLoneStart ? lo - (end - lo) * LONE_ROOM : lo, end];
}

/** The y of what is drawn within `x`: without the bands of groups that overlap too much to be drawn. */
export function ownYOf(lines: readonly Heights[], x: Range, view: LineView, isDense = false): Range {
  const { yScale, bounds, band, fill } = view;
  if (fill === "percent") return [0, 100];
  if (bounds && !(yScale === "log" && bounds[0] <= 0)) return padded(bounds, yScale);
  const bare = () => withoutBands(lines, view.hasRaw);
  if (band === "none" && !isDense) return padded(extremesOf(bare(), x, yScale), yScale);
  const y = padded(extremesOf(lines, x, yScale), yScale);
  if (band !== "auto" || isDense || !lines.some(isOfGroup)) return y;
  if (bandStrengthIn(lines, x, y, yScale) > 0) return y;
  // a run's own extremes are its points: they stay in view, so that no chart hides one
  const shown = bare().map((line, i) => (isOfGroup(line) ? line : lines[i]!));
  return padded(extremesOf(shown, x, yScale), yScale);
}

export function isOfGroup({ run }: Pick<Heights, "run">): boolean {
  return run === "";
}

function withoutBands(lines: readonly Heights[], hasRaw: boolean): Heights[] {
  return lines.map((line) => {
    const { y, mean, under } = line;
    if (under) return line;
    if (y === mean || !hasRaw) return { ...line, lo: y, hi: y };
    return {
      ...line,
      lo: y.map((v, i) => Math.min(v, mean[i]!)),
      hi: y.map((v, i) => Math.max(v, mean[i]!)),
    };
  });
}

function extremesOf(lines: readonly Heights[], [x0, x1]: Range, scale: Scale): Range {
  const isLog = scale === "log";
  let lo = Number.POSITIVE_INFINITY;
  let hi = Number.NEGATIVE_INFINITY;
  for (const line of lines) {
    const half = line.width / 2;
    const isInView = (x: number) => x >= x0 - half && x <= x1 + half;
    // beyond the band, too
    for (const at of line.spikes) {
      if (!isInView(line.x[at]!)) continue;
      const [least, greatest] = [line.least[at]!, line.greatest[at]!];
      if (least < lo && (!isLog || least > 0)) lo = least;
      if (greatest > hi) hi = greatest;
    }
    for (let i = 0; i < line.x.length; i++) {
      if (!isInView(line.x[i]!)) continue;
      const low = line.lo[i]!;
      if (low < lo && (!isLog || low > 0)) lo = low;
      const high = line.hi[i]!;
      if (high > hi) hi = high;
      const under = line.under?.[i] ?? low;
      if (under < lo && (!isLog || under > 0)) lo = under;
      if (under > hi) hi = under;
      if (isLog && low <= 0 && line.mean[i]! > 0 && line.mean[i]! < lo) lo = line.mean[i]!;
    }
  }
  return [lo, hi];
}

/** Values that differ by no more than this part of their size are equal but for their rounding. */
const ROUNDING = 1e-12;
/** A range that is smaller has no px: numbers that would be divided by it are beyond the largest. */
const LEAST = 1e-290;

function padded(extremes: Range, scale: Scale): Range {
  const [lo, hi] = withRoom(extremes, scale);
  // the largest numbers: what is wider has no width that could be divided
  const most = lo < 0 && hi > 0 ? Number.MAX_VALUE / 2 : Number.MAX_VALUE;
  return [Math.max(lo, -most), Math.min(hi, most)];
}

function withRoom([lo, hi]: Range, scale: Scale): Range {
  if (!(lo <= hi)) return scale === "log" ? [0.1, 10] : [0, 1];
  if (scale === "log") {
    const pad = hi - lo <= hi * ROUNDING ? 2 : (hi / lo) ** PAD;
    return [lo / pad, hi * pad];
  }
  const size = Math.max(Math.abs(lo), Math.abs(hi));
  if (size < LEAST) return size === 0 ? [-1, 1] : [-LEAST, LEAST];
  // a quotient of two metrics in one proportion differs by its rounding alone
  if (hi - lo <= size * ROUNDING) return [lo - size * 0.1, hi + size * 0.1];
  const pad = (hi - lo) * PAD;
  // a curve that never falls below 0 does not need an axis below 0
  return [lo >= 0 && lo - pad < 0 ? 0 : lo - pad, hi + pad];
}

/** A range with the ends that were set, where they make sense. */
function withEnds(range: Range, [lo, hi]: Ends, scale: Scale): Range {
  const isPossible = (end: number | null) => end !== null && !(scale === "log" && end <= 0);
  const from = isPossible(lo) ? lo! : range[0];
  const to = isPossible(hi) ? hi! : range[1];
  if (from < to) return [from, to];
  // one set end lies beyond all data: the other keeps its distance
  const size = range[1] - range[0];
  if (scale === "log") return isPossible(lo) ? [from, from * 10] : [to / 10, to];
  return isPossible(lo) ? [from, from + size] : [to - size, to];
}

/**
 * Note of the panel's header on a y axis that does not end where the data do: `y 0.28 to 1.02`; null where it does.
 */
export function yNoteOf({ yEnds: [lo, hi], bounds }: Pick<LineView, "yEnds" | "bounds">): string | null {
  const from = lo ?? bounds?.[0] ?? null;
  const to = hi ?? bounds?.[1] ?? null;
  const text = (v: number) => formatTick(Number(v.toPrecision(3)));
  if (from !== null && to !== null) return `y ${text(from)} to ${text(to)}`;
  if (from !== null) return `y from ${text(from)}`;
  return to === null ? null : `y up to ${text(to)}`;
}
