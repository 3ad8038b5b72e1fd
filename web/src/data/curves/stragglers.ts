/**
 * The straggler of several curves of one metric: the one unlike the others; writers of a run, ranks, nodes. Pure.
 */

import { medianOf } from "../statistics/quantile";

/** A curve's points, x ascending. */
export interface PartCurve {
  readonly id: string;
  readonly x: ArrayLike<number>;
  readonly y: ArrayLike<number>;
}

export interface Offset {
  readonly id: string;
  /** Distance from the others' median, as a part of it: 0.42 is 42 % above. Mean over all x with one. */
  readonly off: number;
  /** Points that were compared. */
  readonly n: number;
}

/** A curve stands out that lies this much further off than the middle one does, and is this far off at all. */
const OUT_TIMES = 4;
const OUT_LEAST = 0.05;

/** Offsets of all curves, the most different first. Cost: O(points × log curves). */
export function offsetsOf(curves: readonly PartCurve[]): Offset[] {
  const at = new Map<number, number[]>();
  for (const { x, y } of curves) {
    for (let i = 0; i < x.length; i++) {
      if (!Number.isFinite(y[i]!)) continue;
      const values = at.get(x[i]!);
      if (values) values.push(y[i]!);
      else at.set(x[i]!, [y[i]!]);
    }
  }
  const medians = new Map<number, number>();
  for (const [x, values] of at) if (values.length > 1) medians.set(x, medianOf(values));
  const offsets = curves.map(({ id, x, y }) => {
    let sum = 0;
    let n = 0;
    for (let i = 0; i < x.length; i++) {
      const median = medians.get(x[i]!);
      if (median === undefined || median === 0 || !Number.isFinite(y[i]!)) continue;
      sum += (y[i]! - median) / Math.abs(median);
      n += 1;
    }
    return { id, off: n === 0 ? 0 : sum / n, n };
  });
  return offsets.sort((a, b) => Math.abs(b.off) - Math.abs(a.off));
}

/** The curve that stands out of at least three; null when none does. */
export function stragglerOf(offsets: readonly Offset[]): Offset | null {
  const [first] = offsets;
  if (!first || offsets.length < 3) return null;
  const usual = medianOf(offsets.map(({ off }) => Math.abs(off)));
  const size = Math.abs(first.off);
  return size >= OUT_LEAST && size >= usual * OUT_TIMES ? first : null;
}
