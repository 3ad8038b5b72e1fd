/**
 * From columns to what is drawn: positions, the mean, its band, the smoothed curve, ranges. Pure.
 *
 * Step of the data's way: after `data/columns.ts`, before `line-render.ts`.
 */

import type { Axis, SeriesColumns } from "@/data/columns";
import { formatCount } from "@/data/format";
import { smoothEma } from "@/data/smooth";
import type { Range } from "../axis/scale";
import { roundEnd } from "../axis/ticks";

/** A run's curve as the panel hands it over. */
export interface LineSource {
  readonly id: string;
  readonly name: string;
  /** 1 … 12. */
  readonly color: number;
  /** Still being written: it ends in a dot. */
  readonly isLive: boolean;
  readonly columns: SeriesColumns;
}

/** How the panel wants its curves. */
export interface LineView {
  readonly axis: Axis;
  /** `[0, 1)`. */
  readonly smoothing: number;
  readonly isLog: boolean;
  /** The zoomed range in steps or seconds; null shows all. */
  readonly xRange: Range | null;
}

/** Non-finite points of a run in view: where the first is, and how many of what. */
interface OddMark {
  readonly x: number;
  readonly label: string;
}

/** One curve, ready to draw. All arrays are `float64[n]` of the buckets with a finite point. */
export interface BuiltLine {
  readonly id: string;
  readonly name: string;
  readonly color: number;
  readonly isLive: boolean;
  /** Middle of each bucket, in steps or seconds, ascending. */
  readonly x: Float64Array;
  readonly mean: Float64Array;
  readonly lo: Float64Array;
  readonly hi: Float64Array;
  /** The mean, smoothed; the same array as `mean` without smoothing. */
  readonly drawn: Float64Array;
  readonly hasBand: boolean;
  /** Positions of buckets that reach far beyond the others: drawn as strokes, as a thin band is not seen. */
  readonly spikes: readonly number[];
  /** Bucket width in x; steps of level 0 have width 1. */
  readonly width: number;
  readonly odd: OddMark | null;
}

export interface BuiltChart {
  readonly lines: readonly BuiltLine[];
  readonly x: Range;
  readonly y: Range;
}

const MICROS = 1e6;
/** Empty room above and below the curves, of their height. */
const PAD = 0.06;
/** A bucket whose band is this many times the mean band holds a spike. */
const SPIKE_BANDS = 4;

/** Build all curves of a panel and the ranges that show them whole, spikes included. */
export function buildChart(sources: readonly LineSource[], view: LineView): BuiltChart {
  const placed = sources.map((source) => placeLine(source, view.axis));
  const x = view.xRange ?? xRangeOf(placed, view.axis);
  const span = x[1] - x[0];
  const lines = placed.map((line) => {
    const drawn = smoothEma(line.x, line.mean, view.smoothing, span);
    return { ...line, drawn, odd: oddOf(line.source.columns, line.allX, x) };
  });
  return { lines, x, y: yRangeOf(lines, x, view.isLog) };
}

type PlacedLine = Omit<BuiltLine, "drawn" | "odd"> & {
  readonly source: LineSource;
  /** X of every bucket, also of those without a finite point. */
  readonly allX: Float64Array;
};

function placeLine(source: LineSource, axis: Axis): PlacedLine {
  const { level, firstBucket, bucket, base } = source.columns;
  const size = 2 ** level;
  const width = axis === "time" ? size / MICROS : size;
  // the middle of the steps i·2^L … (i+1)·2^L − 1; of a stretch of time, its middle; parts of steps as they are
  const shift = axis === "time" ? size / 2 : Math.max(0, size - 1) / 2;
  const unit = axis === "time" ? MICROS : 1;
  const n = bucket.length;
  const allX = new Float64Array(n);
  let finite = 0;
  for (let i = 0; i < n; i++) {
    allX[i] = ((firstBucket + bucket[i]!) * size + shift) / unit;
    if (!Number.isNaN(source.columns.mean[i]!)) finite += 1;
  }
  const x = new Float64Array(finite);
  const mean = new Float64Array(finite);
  const lo = new Float64Array(finite);
  const hi = new Float64Array(finite);
  let hasBand = false;
  for (let i = 0, k = 0; i < n; i++) {
    const m = source.columns.mean[i]!;
    if (Number.isNaN(m)) continue;
    x[k] = allX[i]!;
    mean[k] = m + base;
    lo[k] = source.columns.min[i]! + base;
    hi[k] = source.columns.max[i]! + base;
    if (source.columns.min[i]! < source.columns.max[i]!) hasBand = true;
    k += 1;
  }
  const { id, name, color, isLive } = source;
  const spikes = hasBand ? spikesOf(lo, hi) : [];
  return { id, name, color, isLive, x, mean, lo, hi, hasBand, spikes, width, source, allX };
}

function spikesOf(lo: Float64Array, hi: Float64Array): number[] {
  let sum = 0;
  for (let i = 0; i < lo.length; i++) sum += hi[i]! - lo[i]!;
  const far = (sum / lo.length) * SPIKE_BANDS;
  const spikes: number[] = [];
  for (let i = 0; i < lo.length; i++) if (hi[i]! - lo[i]! > far) spikes.push(i);
  return spikes;
}

/** All x of all lines; a single point gets room around it. */
function xRangeOf(lines: readonly PlacedLine[], axis: Axis): Range {
  let lo = Number.POSITIVE_INFINITY;
  let hi = Number.NEGATIVE_INFINITY;
  for (const { allX } of lines) {
    if (allX.length === 0) continue;
    lo = Math.min(lo, allX[0]!);
    hi = Math.max(hi, allX[allX.length - 1]!);
  }
  if (lo > hi) return [0, 1];
  // a curve that starts at its first bucket's middle starts at the axis for the eye
  if (lo > 0 && lo < (hi - lo) * 0.02) lo = 0;
  if (!(hi > lo)) return [lo - 0.5, hi + 0.5];
  return [lo, axis === "step" ? roundEnd(lo, hi) : hi];
}

function yRangeOf(lines: readonly BuiltLine[], [x0, x1]: Range, isLog: boolean): Range {
  let lo = Number.POSITIVE_INFINITY;
  let hi = Number.NEGATIVE_INFINITY;
  for (const line of lines) {
    const half = line.width / 2;
    for (let i = 0; i < line.x.length; i++) {
      const x = line.x[i]!;
      if (x < x0 - half || x > x1 + half) continue;
      const low = line.lo[i]!;
      if (low < lo && (!isLog || low > 0)) lo = low;
      const high = line.hi[i]!;
      if (high > hi) hi = high;
      if (isLog && low <= 0 && line.mean[i]! > 0 && line.mean[i]! < lo) lo = line.mean[i]!;
    }
  }
  if (!(lo <= hi)) return isLog ? [0.1, 10] : [0, 1];
  if (isLog) {
    const pad = lo === hi ? 2 : (hi / lo) ** PAD;
    return [lo / pad, hi * pad];
  }
  if (lo === hi) return lo === 0 ? [-1, 1] : [lo - Math.abs(lo) * 0.1, hi + Math.abs(hi) * 0.1];
  const pad = (hi - lo) * PAD;
  // a curve that never falls below 0 does not need an axis below 0
  return [lo >= 0 && lo - pad < 0 ? 0 : lo - pad, hi + pad];
}

function oddOf(columns: SeriesColumns, allX: Float64Array, [x0, x1]: Range): OddMark | null {
  let first = Number.NaN;
  const n = { nan: 0, posInf: 0, negInf: 0 };
  for (let k = 0; k < columns.odd.length; k++) {
    const x = allX[columns.odd[k]!]!;
    if (x < x0 || x > x1) continue;
    if (Number.isNaN(first)) first = x;
    n.nan += columns.nan[k]!;
    n.posInf += columns.posInf[k]!;
    n.negInf += columns.negInf[k]!;
  }
  const total = n.nan + n.posInf + n.negInf;
  if (total === 0) return null;
  const kind =
    n.nan === total ? "NaN" : n.posInf === total ? "Inf" : n.negInf === total ? "\u2212Inf" : "NaN, Inf";
  return { x: first, label: `${kind} ×${formatCount(total)}` };
}
