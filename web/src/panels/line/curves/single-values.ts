import type { BarRow } from "@/charts/bar/bar-layout";
import type { Curve } from "@/charts/line/curve";

/** A run, or a group of runs, with its one value. */
export interface SingleValue extends BarRow {
  readonly nRuns: number;
}

/**
 * The values of curves of one point each, to be shown as bars; null if a curve has more points, or without curves.
 */
export function singleValues(curves: readonly Curve[]): SingleValue[] | null {
  if (curves.length === 0 || !curves.every(hasOnePoint)) return null;
  const values = curves.flatMap(({ highlightId, name, color, columns }) => {
    const { base, mean, low, high, nRuns } = columns;
    const value = base + mean[0]!;
    if (!Number.isFinite(value)) return [];
    const end = (ends: typeof low) => (Number.isFinite(ends[0]) ? base + ends[0]! : null);
    return [{ id: highlightId, name, color, value, low: end(low), high: end(high), numbers: [value], nRuns }];
  });
  return values.length > 0 ? values : null;
}

/** Whether each run has one value at most, but those of a group are at several x: a line over them says nothing. */
export function areSpread(curves: readonly Curve[]): boolean {
  return (
    curves.every((curve) => curve.columns.part === "" && hasOneEach(curve)) &&
    curves.some(({ columns }) => columns.bucket.length > 1)
  );
}

function hasOnePoint(curve: Curve): boolean {
  // curves of parts are several of one run
  return curve.columns.part === "" && curve.columns.bucket.length === 1 && hasOneEach(curve);
}

/** Whether no run of a curve has logged a second value. */
function hasOneEach({ columns: { nPoints, nRuns, nan, posInf, negInf } }: Curve): boolean {
  const nNonfinite = [nan, posInf, negInf].reduce((sum, counts) => counts.reduce((n, m) => n + m, sum), 0);
  return nPoints + nNonfinite <= Math.max(1, nRuns);
}
