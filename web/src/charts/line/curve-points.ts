/**
 * Where the buckets of a curve lie: from columns to x, mean, band and extremes. Pure.
 *
 * Step of the data's way: after `data/curves/columns.ts`, before `line-build.ts`.
 */

import type { SeriesColumns } from "@/data/curves/columns";
import { unitOf } from "../axis/x-axis";
import { spikesOf } from "./spikes";

/** A curve's finite buckets. Arrays are `float64[n]` of them unless they say otherwise. */
export interface CurvePoints {
  /** X of each bucket's points, or its middle where they have several; in units of the axis, ascending. */
  readonly x: Float64Array;
  /** Whether the points of a bucket lie at its `x`, by position; null: no bucket knows. */
  readonly isExact: readonly boolean[] | null;
  readonly mean: Float64Array;
  /**
   * Where the curve lies: the mean, but of a last bucket that has only begun the mean of as many points as the others
   * have, back into the one before it. A few points alone would end a noisy curve with a jump. The same array as
   * `mean` where the last bucket is full.
   */
  readonly evened: Float64Array;
  /** The band: of a run its points' extremes, of a group what was asked for. */
  readonly lo: Float64Array;
  readonly hi: Float64Array;
  readonly hasBand: boolean;
  /** The extremes of all points; the same arrays as the band where that is them. */
  readonly least: Float64Array;
  readonly greatest: Float64Array;
  readonly hasExtremes: boolean;
  /** `uint32[n]`: how many of a group's runs each bucket is made of; empty without groups. */
  readonly runs: Uint32Array;
  /** The last position where as many runs as anywhere are, if fewer go on from there; null: none ends early. */
  readonly fewerAfter: number | null;
  /** Positions of buckets that reach far beyond their neighbours: drawn as strokes, as a thin band is not seen. */
  readonly spikes: readonly number[];
  /** Bucket width in x; steps of level 0 have width 1. */
  readonly width: number;
  /** Where the first buckets are narrower: up to which position of `x`, and how wide. */
  readonly finer: readonly { readonly until: number; readonly width: number }[];
  /** X of the first and the last bucket, also of such without a finite point; null: there is none. */
  readonly span: readonly [number, number] | null;
  /** Least x above 0: where a logarithmic axis can begin. */
  readonly firstAboveZero: number;
  readonly nonfinite: NonfinitePoints;
}

/** Non-finite points, one entry per bucket that has some, by x. */
export interface NonfinitePoints {
  readonly x: readonly number[];
  /** Bucket widths. */
  readonly width: readonly number[];
  readonly nan: readonly number[];
  readonly posInf: readonly number[];
  readonly negInf: readonly number[];
}

/** Buckets `from` … `to` of these columns are drawn. */
interface Piece {
  readonly columns: SeriesColumns;
  readonly from: number;
  readonly to: number;
}

export function curvePointsOf(columns: SeriesColumns): CurvePoints {
  const unit = unitOf(columns.axis);
  const pieces = piecesOf(columns);
  let n = 0;
  for (const { columns: own, from, to } of pieces)
    for (let i = from; i < to; i++) if (!Number.isNaN(own.mean[i]!)) n += 1;
  const isGroup = columns.group !== "";
  // one piece of memory for all: twenty charts of a thousand curves have 80,000 arrays
  const numbers = new Float64Array((isGroup ? 6 : 4) * n);
  const part = (i: number) => numbers.subarray(i * n, (i + 1) * n);
  const [x, mean, least, greatest] = [part(0), part(1), part(2), part(3)];
  const [lo, hi] = isGroup ? [part(4), part(5)] : [least, greatest];
  const runs = new Uint32Array(isGroup ? n : 0);
  const nonfinite = {
    x: [] as number[],
    width: [] as number[],
    nan: [] as number[],
    posInf: [] as number[],
    negInf: [] as number[],
  };
  const finer: { until: number; width: number }[] = [];
  const isExact = pieces.some(({ columns: own }) => own.offset.length > 0) ? new Array<boolean>(n) : null;
  let hasBand = false;
  let hasExtremes = false;
  let first = Number.NaN;
  let last = Number.NaN;
  let firstAboveZero = Number.POSITIVE_INFINITY;
  let k = 0;
  for (const { columns: own, from, to } of pieces) {
    const xOf = xAtOf(own, unit);
    let nextNonfinite = 0;
    while (nextNonfinite < own.nonfinite.length && own.nonfinite[nextNonfinite]! < from) nextNonfinite += 1;
    for (let i = from; i < to; i++) {
      const at = xOf(i);
      if (Number.isNaN(first)) first = at;
      last = at;
      if (at > 0 && at < firstAboveZero) firstAboveZero = at;
      if (own.nonfinite[nextNonfinite] === i) {
        nonfinite.x.push(at);
        nonfinite.width.push(widthOf(own));
        nonfinite.nan.push(own.nan[nextNonfinite]!);
        nonfinite.posInf.push(own.posInf[nextNonfinite]!);
        nonfinite.negInf.push(own.negInf[nextNonfinite]!);
        nextNonfinite += 1;
      }
      const m = own.mean[i]!;
      if (Number.isNaN(m)) continue;
      x[k] = at;
      if (isExact) isExact[k] = isOffset(own.offset[i]);
      mean[k] = m + own.base;
      least[k] = orMean(own.min[i], m) + own.base;
      greatest[k] = orMean(own.max[i], m) + own.base;
      if (least[k]! < greatest[k]!) hasExtremes = true;
      if (isGroup) {
        // a group of one run has no deviation, so no band
        lo[k] = orMean(own.low[i], m) + own.base;
        hi[k] = orMean(own.high[i], m) + own.base;
        runs[k] = own.runs[i] ?? 0;
      }
      if (lo[k]! < hi[k]!) hasBand = true;
      k += 1;
    }
    if (own !== columns) finer.push({ until: k, width: widthOf(own) });
  }
  const spikes = hasExtremes ? spikesOf(least, greatest) : [];
  const width = widthOf(columns);
  const fewerAfter = fewerAfterOf(runs);
  return {
    x,
    isExact,
    mean,
    evened: evenedEnd(x, mean, columns),
    lo,
    hi,
    hasBand,
    least,
    greatest,
    hasExtremes,
    runs,
    fewerAfter,
    spikes,
    width,
    finer,
    span: Number.isNaN(first) ? null : [first, last],
    firstAboveZero,
    nonfinite,
  };
}

/** Of the buckets of the whole, in units of the axis. */
function widthOf({ axis, level }: SeriesColumns): number {
  return 2 ** level / unitOf(axis);
}

function orMean(edge: number | undefined, mean: number): number {
  return edge === undefined || Number.isNaN(edge) ? mean : edge;
}

function evenedEnd(x: Float64Array, mean: Float64Array, columns: SeriesColumns): Float64Array {
  const { group, level, nPoints, nEndPoints } = columns;
  const last = mean.length - 1;
  // a group's center is of runs, not of points; after a gap the bucket before says nothing of this one
  if (last < 1 || level === 0 || group !== "" || x[last]! - x[last - 1]! > widthOf(columns)) return mean;
  const share = nEndPoints / Math.floor((nPoints - nEndPoints) / (columns.bucket.length - 1));
  if (!(share < 1)) return mean;
  const evened = mean.slice();
  evened[last] = mean[last - 1]! + share * (mean[last]! - mean[last - 1]!);
  return evened;
}

function fewerAfterOf(runs: Uint32Array): number | null {
  const last = runs.lastIndexOf(runs.reduce((most, n) => Math.max(most, n), 0));
  return last < 0 || last === runs.length - 1 ? null : last;
}

/** Width of the bucket at a position of `x`; 0: all its points have that x. */
export function widthAt(
  { isExact, finer, width }: Pick<CurvePoints, "isExact" | "finer" | "width">,
  at: number,
): number {
  if (isExact?.[at]) return 0;
  return bucketWidthAt({ finer, width }, at);
}

function bucketWidthAt({ finer, width }: Pick<CurvePoints, "finer" | "width">, at: number): number {
  return finer.find(({ until }) => at < until)?.width ?? width;
}

/** The bucket at a position of `x`, from its beginning to the next one's, also where all its points have one x. */
export function bucketAt(
  { x, finer, width }: Pick<CurvePoints, "x" | "finer" | "width">,
  at: number,
): readonly [number, number] {
  const wide = bucketWidthAt({ finer, width }, at);
  const from = Math.floor(x[at]! / wide) * wide;
  return [from, from + wide];
}

/** Finer buckets as far as they go, then those of the whole. */
function piecesOf(columns: SeriesColumns): Piece[] {
  const pieces: Piece[] = [];
  let begin = Number.NEGATIVE_INFINITY;
  for (const { columns: own, end } of columns.finer ?? []) {
    pieces.push({ columns: own, from: firstFrom(own, begin), to: firstFrom(own, end) });
    begin = end;
  }
  pieces.push({ columns, from: firstFrom(columns, begin), to: columns.bucket.length });
  return pieces;
}

/** The first bucket that begins at `x` or after it. */
function firstFrom({ level, firstBucket, bucket }: SeriesColumns, x: number): number {
  if (x === Number.NEGATIVE_INFINITY) return 0;
  const size = 2 ** level;
  let i = 0;
  while (i < bucket.length && (firstBucket + bucket[i]!) * size < x) i += 1;
  return i;
}

function isOffset(offset: number | undefined): boolean {
  return offset !== undefined && !Number.isNaN(offset);
}

function xAtOf(columns: SeriesColumns, unit: number) {
  const { axis, level, firstBucket, bucket, offset, originMicros } = columns;
  const size = 2 ** level;
  // the middle of the steps i·2^L … (i+1)·2^L − 1; of a stretch of time, its middle; parts of steps as they are
  const shift = unit > 1 ? size / 2 : Math.max(0, size - 1) / 2;
  const from = axis === "wall" ? originMicros : 0;
  return (i: number) => {
    const within = isOffset(offset[i]) ? offset[i]! * size : shift;
    return (from + (firstBucket + bucket[i]!) * size + within) / unit;
  };
}
