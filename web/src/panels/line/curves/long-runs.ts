/**
 * Where the x axis ends when long runs are cut off: where nine in ten of the curves have ended. Pure.
 *
 * An answer over the whole range has wide buckets where one run is much longer than the others, so an end is only
 * known to a bucket. It is found again in an answer up to there, whose buckets are narrower.
 */

import { unitOf } from "@/charts/axis/x-axis";
import type { SeriesColumns } from "@/data/curves/columns";
import { medianOf } from "@/data/statistics/quantile";
import type { Range } from "@/data/view/view";

/** This part of the curves ends within the axis. */
const MOST = 0.9;
/** A curve this many times as long as the median one presses it into a corner. */
const LONG_TIMES = 5;
/** Of fewer curves none is most. */
const FEWEST = 3;

export interface Cut {
  /** Of all curves, in units of x. */
  readonly whole: Range;
  /** Where the axis ends. */
  readonly end: number;
  readonly nCurves: number;
  /** The curves that go on beyond the end, by `nameOf`. */
  readonly longer: ReadonlySet<string>;
}

const NONE: ReadonlySet<string> = new Set();

/**
 * Where to cut; null: no curve goes on beyond the end of most.
 *
 * @param before the cut that the answer was asked up to: in it, curves beyond that have no end
 */
export function cutOf(series: readonly SeriesColumns[], before: Cut | null): Cut | null {
  const previous = before?.longer ?? NONE;
  const within = series
    .filter((columns) => columns.bucket.length > 0 && !previous.has(nameOf(columns)))
    .map((columns) => ({ name: nameOf(columns), span: spanOf(columns) }))
    .sort((a, b) => a.span[1] - b.span[1]);
  const nCurves = within.length + previous.size;
  const last = within[Math.floor(MOST * (nCurves - 1))] ?? within.at(-1);
  if (nCurves < FEWEST || !last) return before;
  const end = last.span[1];
  const longer = within.filter(({ span }) => span[1] > end).map(({ name }) => name);
  if (longer.length + previous.size === 0) return null;
  const whole = before?.whole ?? [Math.min(...within.map(({ span }) => span[0])), within.at(-1)!.span[1]];
  return { whole, end, nCurves, longer: new Set([...previous, ...longer]) };
}

export interface LongRuns {
  readonly n: number;
  /** The longest as a multiple of the median. */
  readonly times: number;
}

/** Curves so long that an axis up to the end of most is offered; null without such curves. */
export function longRunsOf(series: readonly SeriesColumns[]): LongRuns | null {
  const cut = cutOf(series, null);
  if (!cut) return null;
  const lengths = series
    .filter(({ bucket }) => bucket.length > 0)
    .map(spanOf)
    .map(([begin, end]) => end - begin);
  const times = Math.max(...lengths) / medianOf(lengths);
  return times >= LONG_TIMES ? { n: cut.longer.size, times } : null;
}

function nameOf({ run, group, part, key }: SeriesColumns): string {
  return [run, group, part, key].join("\n");
}

/** From the first bucket's beginning to the last one's end, in units of x. */
function spanOf(columns: SeriesColumns): Range {
  const { axis, axisMetric, level, firstBucket, bucket, originMicros } = columns;
  const size = 2 ** level;
  const isStep = axis === "step" || (axis === "defined" && axisMetric === "");
  const from = axis === "wall" ? originMicros : 0;
  const unit = unitOf(axis);
  const first = from + (firstBucket + bucket[0]!) * size;
  // the last step of a bucket, not the first of the next
  const last = from + (firstBucket + bucket.at(-1)! + 1) * size - (isStep ? 1 : 0);
  return [first / unit, last / unit];
}
