/**
 * Smoothing of one curve for the eye: time-weighted exponential average, Gaussian, running mean.
 *
 * Used by `charts/line/line-build.ts`. Pure. All weigh by distance in x and not per point, so that a sparse
 * and a dense curve of the same shape get the same average; how far they reach is a part of the visible range.
 */

import type { Smoothing } from "../view/settings";

/** An average over unevenly spaced points reads as many "points" as this over the whole range. */
const POINTS_PER_RANGE = 1000;
/** A running mean of width w has the standard deviation w / √12; a Gaussian of the same width is as smooth. */
const SIGMA_PER_WIDTH = 1 / Math.sqrt(12);
/** Beyond so many standard deviations a Gaussian counts nothing: 0.03 % of it. */
const SIGMAS = 3.5;
/** Steps of the table of a Gaussian, per standard deviation. */
const TABLE_STEPS = 64;

/**
 * Smooth `y` over `x`; `y` itself where there is nothing to do.
 *
 * @param x ascending, `float64[n]`
 * @param y finite, `float64[n]`
 * @param span the x range that the chart shows
 * @returns `float64[n]`
 */
export function smooth(
  x: Float64Array,
  y: Float64Array,
  { kind, amount }: Smoothing,
  span: number,
): Float64Array {
  if (kind === "none" || amount <= 0 || y.length < 2 || !(span > 0)) return y;
  if (kind === "ema") return smoothEma(x, y, amount, span);
  if (kind === "mean") return smoothMean(x, y, amount * span);
  return smoothGaussian(x, y, amount * span * SIGMA_PER_WIDTH);
}

/**
 * Debiased, so that the first points are not pulled to 0.
 *
 * Source: the time-weighted EMA of W&B's charts; a point's memory fades with the distance to the next one.
 */
function smoothEma(x: Float64Array, y: Float64Array, weight: number, span: number): Float64Array {
  const keep = Math.min(Math.sqrt(weight), 0.999);
  const out = new Float64Array(y.length);
  let last = 0;
  let bias = 0;
  for (let i = 0; i < y.length; i++) {
    const dx = i === 0 ? 0 : x[i]! - x[i - 1]!;
    const fade = i === 0 ? keep : keep ** ((dx / span) * POINTS_PER_RANGE);
    last = last * fade + y[i]! * (1 - fade);
    bias = bias * fade + (1 - fade);
    out[i] = bias > 0 ? last / bias : y[i]!;
  }
  return out;
}

/** The mean of all points within `width / 2` on both sides. Cost: O(n). */
function smoothMean(x: Float64Array, y: Float64Array, width: number): Float64Array {
  const half = width / 2;
  const out = new Float64Array(y.length);
  // sums of what is over the first value: large values must not eat the digits of their differences
  const first = y[0]!;
  let from = 0;
  let to = 0;
  let sum = 0;
  for (let i = 0; i < y.length; i++) {
    while (to < y.length && x[to]! <= x[i]! + half) sum += y[to++]! - first;
    while (x[from]! < x[i]! - half) sum -= y[from++]! - first;
    out[i] = first + sum / (to - from);
  }
  return out;
}

/** The mean weighted by a Gaussian. Cost: O(n k), k points within 3.5 standard deviations. */
function smoothGaussian(x: Float64Array, y: Float64Array, sigma: number): Float64Array {
  const out = new Float64Array(y.length);
  const reach = sigma * SIGMAS;
  const perStep = TABLE_STEPS / sigma;
  let from = 0;
  for (let i = 0; i < y.length; i++) {
    const at = x[i]!;
    while (x[from]! < at - reach) from += 1;
    let sum = 0;
    let weights = 0;
    for (let j = from; j < y.length; j++) {
      const far = Math.abs(x[j]! - at);
      if (x[j]! - at > reach) break;
      const weight = GAUSS[Math.round(far * perStep)]!;
      sum += weight * (y[j]! - y[i]!);
      weights += weight;
    }
    out[i] = y[i]! + sum / weights;
  }
  return out;
}

const GAUSS = Float64Array.from({ length: Math.ceil(SIGMAS * TABLE_STEPS) + 2 }, (_, i) =>
  Math.exp(-0.5 * (i / TABLE_STEPS) ** 2),
);
