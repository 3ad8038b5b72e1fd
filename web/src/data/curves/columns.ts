/**
 * The columns of one series, as the server sends them and the charts read them.
 *
 * Step of the data's way: between `api/metrics/series.ts`, which decodes them, and `charts/line/line-build.ts`,
 * which places them. Pure, no I/O.
 */

import type { AxisKind } from "../view/settings";

/** Float64 where digits matter more than bytes. */
export type Floats = Float32Array | Float64Array;

/** One curve's buckets of one metric or expression over a range. Arrays are one per bucket unless they say otherwise. */
export interface SeriesColumns {
  /** Empty for a group's curve. */
  readonly run: string;
  /** The metric, or the expression's name. */
  readonly key: string;
  /** The writer, or the label's value; empty where curves are not by writer. */
  readonly part: string;
  /** `groupId` of the group's values; empty without groups. */
  readonly group: string;
  /** Metric of the requested x axis. */
  readonly axis: AxisKind;
  /** The metric whose value x is; empty: step or time. */
  readonly axisMetric: string;
  /** Buckets are `2 ** level` wide, in steps, µs or the metric's unit: `[i * 2 ** level, (i + 1) * 2 ** level)`. */
  readonly level: number;
  /** Index `i` of the bucket that `bucket` counts from. */
  readonly firstBucket: number;
  /** The run's origin, µs since 1970; an x of axes `time_wall` and `wall` is µs after it. */
  readonly originMicros: number;
  /** Finite points in all buckets. */
  readonly nPoints: number;
  /** Finite points in the last bucket that has some: it may have only begun. */
  readonly nEndPoints: number;
  /** Runs that the curve is made of. */
  readonly nRuns: number;
  /** Added to `min`, `max`, `mean`, `low` and `high`, which are mostly kept as float32 to halve what is sent. */
  readonly base: number;
  /** `i - firstBucket`, ascending; only buckets that hold a point. */
  readonly bucket: Uint16Array;
  /** Where the points of each bucket are in it, from 0 to 1; NaN where they have several x. Empty: unknown, or buckets of one x. */
  readonly offset: Float32Array;
  readonly min: Floats;
  readonly max: Floats;
  /** NaN where a bucket has no finite point. A group's center. */
  readonly mean: Floats;
  /** A group's band, NaN where there is none; empty without groups. */
  readonly low: Floats;
  readonly high: Floats;
  /** Number of a group's runs with a value in the bucket; empty without groups. */
  readonly runs: Uint32Array;
  /** Positions in `bucket` of the buckets with non-finite points. */
  readonly nonfinite: Uint16Array;
  /** Counts, one per entry of `nonfinite`. */
  readonly nan: Uint32Array;
  readonly posInf: Uint32Array;
  readonly negInf: Uint32Array;
  /** The last value of each bucket, as logged; absent unless asked for exactly. A group has one at its end: of its runs' last values. */
  readonly last?: Floats;
  /** The step of the first nonfinite value that was logged; NaN if all are finite. Absent unless asked for exactly. */
  readonly firstNonfinite?: number;
  /** The first buckets again, narrower, for logarithmic axes: the finest first, each up to its `end`. */
  readonly finer?: readonly FinerColumns[];
}

/** Buckets of a curve below `end`, in steps, µs or the metric's unit. */
interface FinerColumns {
  readonly end: number;
  readonly columns: SeriesColumns;
}

/** A requested series without points, and the reason. */
export interface MissingSeries {
  readonly run: string;
  readonly key: string;
  readonly part: string;
  readonly group: string;
  /** The metric that would be its x; empty: step or time. */
  readonly axisMetric: string;
  readonly reason: string;
}

/** The answer to one panel. */
export interface PanelSeries {
  readonly series: readonly SeriesColumns[];
  readonly missing: readonly MissingSeries[];
  /** Where the y axis should end, if that was asked for. */
  readonly bounds: readonly [number, number] | null;
  /** About what it takes in memory. */
  readonly nBytes: number;
}

/**
 * The position of the entry of a sorted array that lies nearest to `x`; -1 in an empty one.
 *
 * Cost: O(log n).
 */
export function findNearest(xs: ArrayLike<number>, x: number): number {
  if (xs.length === 0) return -1;
  let lo = 0;
  let hi = xs.length - 1;
  while (hi - lo > 1) {
    const mid = (lo + hi) >> 1;
    if (xs[mid]! <= x) lo = mid;
    else hi = mid;
  }
  return Math.abs(xs[lo]! - x) <= Math.abs(xs[hi]! - x) ? lo : hi;
}

/** Key of a curve among the others of its request. */
export function seriesName({ run, key, part, group }: SeriesColumns): string {
  return [run, key, part, group].join("\n");
}
