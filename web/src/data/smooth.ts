/**
 * Smoothing of one curve for the eye: a time-weighted exponential moving average.
 *
 * Used by `charts/line/line-build.ts`. Pure.
 */

/** An average over unevenly spaced points reads as many "points" as this over the whole range. */
const POINTS_PER_RANGE = 1000;

/**
 * Smooth `y` over `x` with weight `weight` in `[0, 1)`; 0 returns `y` itself.
 *
 * A point's memory fades with the distance in x to the next one, not per point, so a sparse and a dense
 * curve of the same shape get the same average. Debiased, so that the first points are not pulled to 0.
 *
 * @param x ascending, `float64[n]`
 * @param y finite, `float64[n]`
 * @param span the x range that the chart shows; the weight is relative to it
 * @returns `float64[n]`
 */
export function smoothEma(x: Float64Array, y: Float64Array, weight: number, span: number): Float64Array {
  if (weight <= 0 || y.length < 2 || span <= 0) return y;
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
