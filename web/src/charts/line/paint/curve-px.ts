/** A curve's buckets in view as px: what both ways of drawing it begin with. Pure. */

import type { Frame, Range } from "../../axis/scale";
import type { BuiltLine } from "../built-line";

/** Px of a curve's points; the first `n` entries of each array count, until the next call. */
export interface CurvePx {
  n: number;
  x: Float64Array;
  y: Float64Array;
  under: Float64Array;
  mean: Float64Array;
  lo: Float64Array;
  hi: Float64Array;
}

export function createCurvePx(): CurvePx {
  const none = new Float64Array(0);
  return { n: 0, x: none, y: none, under: none, mean: none, lo: none, hi: none };
}

/** Fill `into` with the points of `line` in view. */
export function curveToPx(line: BuiltLine, frame: Frame, into: CurvePx): CurvePx {
  const [from, to] = inView(line.x, frame.x);
  const n = to - from;
  if (into.x.length < n) {
    const size = Math.ceil(n * 1.5);
    for (const name of ["x", "y", "under", "mean", "lo", "hi"] as const) into[name] = new Float64Array(size);
  }
  into.n = n;
  const hasMean = line.drawn !== line.mean;
  for (let i = 0, k = from; i < n; i++, k++) {
    into.x[i] = frame.xPx(line.x[k]!);
    into.y[i] = frame.yPx(line.y[k]!);
    if (line.under) into.under[i] = groundPx(line.under[k]!, frame);
    if (hasMean) into.mean[i] = frame.yPx(line.mean[k]!);
    if (!line.hasBand) continue;
    into.lo[i] = frame.yPx(line.lo[k]!);
    into.hi[i] = frame.yPx(line.hi[k]!);
  }
  return into;
}

/** Where an area ends, px: a logarithmic axis has no zero. */
function groundPx(value: number, frame: Frame): number {
  const px = frame.yPx(value);
  return Number.isFinite(px) ? px : frame.floor;
}

/** Positions of the buckets to draw: those in view and one beyond each edge. */
function inView(x: Float64Array, [lo, hi]: Range): [number, number] {
  const from = Math.max(0, firstAtLeast(x, lo) - 1);
  const to = Math.min(x.length, firstAtLeast(x, hi) + 1);
  return [from, Math.max(from, to)];
}

function firstAtLeast(x: Float64Array, value: number): number {
  let lo = 0;
  let hi = x.length;
  while (lo < hi) {
    const mid = (lo + hi) >> 1;
    if (x[mid]! < value) lo = mid + 1;
    else hi = mid;
  }
  return lo;
}
