/**
 * The columns of one series, as the server sends them and the charts read them.
 *
 * Step of the data's way: between `api/series.ts`, which decodes them, and `charts/line/line-build.ts`,
 * which places them. Pure, no I/O.
 */

/** One run's buckets of one metric over a range. All arrays but the last four are one per bucket. */
export interface SeriesColumns {
  readonly run: string;
  readonly key: string;
  /** Buckets are `2 ** level` wide, in steps or µs: `[i * 2 ** level, (i + 1) * 2 ** level)`. */
  readonly level: number;
  /** Index `i` of the bucket that `bucket` counts from. */
  readonly firstBucket: number;
  /** The run's origin, µs since 1970; an x of axis `time` is µs after it. */
  readonly originMicros: number;
  /** Finite points in all buckets. */
  readonly nPoints: number;
  /** Added to `min`, `max` and `mean`, which are kept as float32 to halve what is sent. */
  readonly base: number;
  /** `i - firstBucket`, ascending; only buckets that hold a point. */
  readonly bucket: Uint16Array;
  readonly min: Float32Array;
  readonly max: Float32Array;
  /** NaN where a bucket has no finite point. */
  readonly mean: Float32Array;
  /** Positions in `bucket` of the buckets with non-finite points. */
  readonly odd: Uint16Array;
  /** Counts, one per entry of `odd`. */
  readonly nan: Uint32Array;
  readonly posInf: Uint32Array;
  readonly negInf: Uint32Array;
}

/** What a panel asks for, and how a chart reads its x. */
export type Axis = "step" | "time";

/**
 * The position of the entry of a sorted array that lies nearest to `x`; -1 in an empty one.
 *
 * Cost: O(log n).
 */
export function findNearest(xs: Float64Array, x: number): number {
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
