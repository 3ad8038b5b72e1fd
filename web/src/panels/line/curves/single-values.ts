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
    // one run has no whisker
    const end = (ends: typeof low) => (nRuns > 1 && Number.isFinite(ends[0]) ? base + ends[0]! : null);
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

/** Runs with several values are so few that they don't make curves of all. */
const FEW = 0.1;

/**
 * The number of values that runs have beyond their first, finite or not, where they are few; 0: none has, or there are too many for
 * bars.
 */
export function fewMoreValues(curves: readonly Curve[]): number {
  if (curves.some(({ columns }) => columns.part !== "")) return 0;
  const nRuns = curves.reduce((sum, { columns }) => sum + Math.max(1, columns.nRuns), 0);
  const nMore = curves.reduce(
    (sum, curve) => sum + Math.max(0, nValuesOf(curve) - Math.max(1, curve.columns.nRuns)),
    0,
  );
  return nMore <= FEW * nRuns ? nMore : 0;
}

function hasOnePoint(curve: Curve): boolean {
  // curves of parts are several of one run
  return curve.columns.part === "" && curve.columns.bucket.length === 1 && hasOneEach(curve);
}

/** Whether no run of a curve has logged a second value. */
function hasOneEach(curve: Curve): boolean {
  return nValuesOf(curve) <= Math.max(1, curve.columns.nRuns);
}

function nValuesOf(curve: Curve): number {
  return curve.columns.nPoints + nNonfinite(curve);
}

/** Whether a curve has NaN or infinity, which are no last values. */
export function hasNonfinite(curve: Curve): boolean {
  return nNonfinite(curve) > 0;
}

function nNonfinite({ columns: { nan, posInf, negInf } }: Curve): number {
  return [nan, posInf, negInf].reduce((total, counts) => counts.reduce((n, m) => n + m, total), 0);
}
