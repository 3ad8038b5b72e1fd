/** The distribution of a group's values: the numbers of a box plot, the outline of a violin. Pure. */

import { quantile } from "@/data/statistics/quantile";

/** A box plot as Tukey draws it. */
export interface Box {
  readonly q1: number;
  readonly median: number;
  readonly q3: number;
  /** The furthest values within 1.5 box lengths of the box. */
  readonly low: number;
  readonly high: number;
  /** The values beyond the whiskers, rising. */
  readonly outliers: readonly number[];
}

/** Half the height of a violin over values from its lowest to its highest; the widest place is 1. */
export interface Outline {
  readonly at: Float64Array;
  readonly half: Float64Array;
}

/** Whiskers reach so many box lengths; source: Tukey, Exploratory Data Analysis, 1977. */
const REACH = 1.5;
/** Points of a violin's outline. */
const N_OUTLINE = 64;

/** @param values finite, at least one */
export function boxOf(values: readonly number[]): Box {
  const sorted = Float64Array.from(values).sort();
  const q1 = quantile(sorted, 0.25);
  const q3 = quantile(sorted, 0.75);
  const reach = REACH * (q3 - q1);
  const isWithin = (v: number) => v >= q1 - reach && v <= q3 + reach;
  const within = sorted.filter(isWithin);
  return {
    q1,
    median: quantile(sorted, 0.5),
    q3,
    // an interpolated quartile may lie beyond all values that are within its reach
    low: Math.min(q1, within[0] ?? q1),
    high: Math.max(q3, within[within.length - 1] ?? q3),
    outliers: [...sorted].filter((v) => !isWithin(v)),
  };
}

/**
 * The outline of a violin, from the smallest value to the largest; null: there are not two different values.
 *
 * Source: a Gaussian kernel estimate with the width of Silverman, Density Estimation, 1986, formula 3.31.
 *
 * @param values finite, at least one
 */
export function outlineOf(values: readonly number[]): Outline | null {
  const sorted = Float64Array.from(values).sort();
  const n = sorted.length;
  const [lo, hi] = [sorted[0]!, sorted[n - 1]!];
  if (!(hi > lo)) return null;
  // from 0 to 1: squares of very small or large values are not finite
  const placed = sorted.map((v) => v / (hi - lo) - lo / (hi - lo));
  const mean = placed.reduce((sum, v) => sum + v, 0) / n;
  const std = Math.sqrt(placed.reduce((sum, v) => sum + (v - mean) ** 2, 0) / (n - 1));
  const middle = (quantile(placed, 0.75) - quantile(placed, 0.25)) / 1.34;
  const width = 0.9 * (middle > 0 ? Math.min(std, middle) : std) * n ** -0.2;
  const fractions = Float64Array.from({ length: N_OUTLINE }, (_, i) => i / (N_OUTLINE - 1));
  const density = fractions.map((fraction) =>
    placed.reduce((sum, v) => sum + Math.exp(-0.5 * ((fraction - v) / width) ** 2), 0),
  );
  const most = density.reduce((a, b) => Math.max(a, b), 0);
  return { at: fractions.map((fraction) => lo + (hi - lo) * fraction), half: density.map((d) => d / most) };
}
