/** The order of parameters by how they go with a result. Pure. */

import {
  correlationOf,
  FEWEST_RUNS,
  type Parameter,
  runsWithResult,
  strength,
  usableParameters,
} from "./parameter-values";

/** Multiples of the deviation that rank correlations of unrelated values have: a smaller one tells nothing. */
const NOISE = 2;

/**
 * The parameters that go with the result most, first, by rank correlation alone: cheap enough for the page itself. Those
 * for which that cannot be told keep their order behind them. Of several that always change together all but the first
 * come after these, and those that are the same in all runs or only name the run come last. Null: there are too few runs.
 */
export function orderByCorrelation(
  parameters: readonly Parameter[],
  target: readonly unknown[],
): readonly string[] | null {
  const { rows, results } = runsWithResult(target);
  if (rows.length < FEWEST_RUNS) return null;
  const { usable } = usableParameters(parameters, rows);
  const least = NOISE / Math.sqrt(rows.length - 1);
  const patterns = new Set<string>();
  const ranked = usable
    .map((parameter) => {
      const size = strength(correlationOf(parameter, results));
      return { column: parameter.column, codes: parameter.codes.join(), size: size < least ? 0 : size };
    })
    .sort((a, b) => b.size - a.size)
    .map(({ column, codes }) => {
      const isRepeated = patterns.has(codes);
      patterns.add(codes);
      return { column, isRepeated };
    });
  const usableColumns = new Set(ranked.map(({ column }) => column));
  return [
    ...ranked.filter(({ isRepeated }) => !isRepeated),
    ...ranked.filter(({ isRepeated }) => isRepeated),
    ...parameters.filter(({ column }) => !usableColumns.has(column)),
  ].map(({ column }) => column);
}
