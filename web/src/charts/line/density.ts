/**
 * The density of many curves: how many of them go through each cell of a plot, and the envelope of all. Pure.
 *
 * A curve counts 1 in each column that it crosses, shared evenly by the cells that it covers there, so that steep and
 * noisy curves weigh no more than flat ones (DenseLines: Moritz and Fisher, 2018).
 */

/** More curves than this are drawn as a density. */
export const MOST_CURVES = 100;

/** A line of px, or a band between two: x ascending; the first `n` entries count. */
export interface Polyline {
  readonly n: number;
  readonly x: Float64Array;
  readonly top: Float64Array;
  /** Nowhere above `top`; the same array for a line. */
  readonly bottom: Float64Array;
}

export class DensityGrid {
  width = 0;
  height = 0;
  /** `float64[width]`: the least and the greatest px of y in each column; infinite where there is no curve. */
  top = new Float64Array(0);
  bottom = new Float64Array(0);
  /** Column by column, what each cell has more than the one above it. */
  #steps = new Float64Array(0);

  begin(width: number, height: number): void {
    this.width = width;
    this.height = height;
    const size = width * (height + 1);
    if (this.#steps.length < size) this.#steps = new Float64Array(size);
    else this.#steps.fill(0, 0, size);
    if (this.top.length < width) [this.top, this.bottom] = [new Float64Array(width), new Float64Array(width)];
    this.top.fill(Number.POSITIVE_INFINITY);
    this.bottom.fill(Number.NEGATIVE_INFINITY);
  }

  /**
   * Count a curve in the cells that it covers, and widen the envelope to its extremes.
   *
   * @param reach half of a bucket, px: the extremes are reached somewhere in it
   * @param extremes those of the curve's points, where it is drawn elsewhere, as smoothed
   */
  add(curve: Polyline, reach: number, extremes = curve): void {
    this.#walk(curve, true, extremes === curve);
    if (extremes !== curve) this.#walk(extremes, false, true);
    this.#widen(extremes, reach);
  }

  #widen({ n, x, top, bottom }: Polyline, reach: number): void {
    for (let i = 0; i < n; i++) {
      const before = i > 0 ? Math.min(reach, (x[i]! - x[i - 1]!) / 2) : 0;
      const after = i < n - 1 ? Math.min(reach, (x[i + 1]! - x[i]!) / 2) : 0;
      const to = Math.min(this.width - 1, Math.floor(x[i]! + after));
      for (let column = Math.max(0, Math.floor(x[i]! - before)); column <= to; column++)
        this.#widenColumn(column, top[i]!, bottom[i]!);
    }
  }

  /** Number of curves through each cell, row by row: `float64[width * height]`. */
  toCounts(): Float64Array {
    const { width, height } = this;
    const counts = new Float64Array(width * height);
    for (let column = 0; column < width; column++) {
      let sum = 0;
      for (let row = 0, at = column * (height + 1); row < height; row++, at++) {
        sum += this.#steps[at]!;
        // sums of parts do not quite cancel out
        counts[row * width + column] = sum > 1e-9 ? sum : 0;
      }
    }
    return counts;
  }

  /** Go through the columns that a curve crosses: in each it reaches as far as any point within. */
  #walk({ n, x, top, bottom }: Polyline, isCounted: boolean, isWidening: boolean): void {
    if (n === 0) return;
    const end = x[n - 1]!;
    const from = Math.max(0, Math.floor(x[0]!));
    const to = Math.min(this.width - 1, Math.floor(end));
    let i = 0;
    while (i < n - 1 && x[i + 1]! <= from) i += 1;
    const fraction = fractionAt(x, n, i, Math.max(from, x[0]!));
    let high = interpolate(top, n, i, fraction);
    let low = interpolate(bottom, n, i, fraction);
    for (let column = from; column <= to; column++) {
      const edge = Math.min(column + 1, end);
      while (i + 1 < n && x[i + 1]! <= edge) {
        i += 1;
        if (top[i]! < high) high = top[i]!;
        if (bottom[i]! > low) low = bottom[i]!;
      }
      const right = fractionAt(x, n, i, edge);
      const rightTop = interpolate(top, n, i, right);
      const rightBottom = interpolate(bottom, n, i, right);
      if (rightTop < high) high = rightTop;
      if (rightBottom > low) low = rightBottom;
      if (isCounted) this.#countColumn(column, high, low);
      if (isWidening) this.#widenColumn(column, high, low);
      high = rightTop;
      low = rightBottom;
    }
  }

  #widenColumn(column: number, top: number, bottom: number): void {
    if (top < this.top[column]!) this.top[column] = top;
    if (bottom > this.bottom[column]!) this.bottom[column] = bottom;
  }

  #countColumn(column: number, top: number, bottom: number): void {
    const { height } = this;
    const first = Math.max(0, Math.floor(top));
    const last = Math.min(height - 1, Math.floor(bottom));
    if (first > last) return;
    const share = 1 / (last - first + 1);
    const start = column * (height + 1);
    this.#steps[start + first]! += share;
    this.#steps[start + last + 1]! -= share;
  }
}

/** Position of `at` between point `i` and the next, 0 to 1. */
function fractionAt(x: Float64Array, n: number, i: number, at: number): number {
  if (i + 1 >= n) return 0;
  const wide = x[i + 1]! - x[i]!;
  return wide > 0 ? (at - x[i]!) / wide : 0;
}

function interpolate(values: Float64Array, n: number, i: number, fraction: number): number {
  return fraction > 0 && i + 1 < n ? values[i]! + (values[i + 1]! - values[i]!) * fraction : values[i]!;
}
