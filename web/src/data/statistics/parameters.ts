/**
 * The importance of runs' parameters for one of their results: from columns of the runs table to importance and
 * correlation. Pure; takes a while for many runs, so panels ask a worker.
 */

import { forestImportance } from "./forest";
import {
  correlationOf,
  FEWEST_RUNS,
  type LevelCorrelation,
  type Parameter,
  runsWithResult,
  strength,
  usableParameters,
} from "./parameter-values";

/**
 * The measure of importance: the variance that a parameter explains by itself, or how much worse the
 * result is told when its values are shuffled.
 */
export type Measure = "variance" | "permutation";

export interface ParameterRank extends LevelCorrelation {
  readonly column: string;
  /** By measure, 0 to 1. */
  readonly importance: Readonly<Record<Measure, number>>;
  /** Runs that have a value of it, of those that have the result. */
  readonly nRuns: number;
}

export interface ParameterRanks {
  /** Those that explain most of the variance first. */
  readonly ranks: readonly ParameterRank[];
  /** Runs that have the result. */
  readonly nRuns: number;
  /** Quality of the prediction for runs that were left out; null of too few runs. */
  readonly r2: number | null;
  /** Parameters that vary but have so many different texts that they only name the run. */
  readonly leftOut: readonly string[];
}

export function rankParameters(parameters: readonly Parameter[], target: readonly unknown[]): ParameterRanks {
  const { rows, results } = runsWithResult(target);
  if (rows.length < FEWEST_RUNS) return { ranks: [], nRuns: rows.length, r2: null, leftOut: [] };
  const { usable, leftOut } = usableParameters(parameters, rows);
  const { permutation, variance, r2 } = forestImportance(
    usable.map(({ feature }) => feature),
    results,
  );
  const ranks = usable.map((parameter, k) => ({
    column: parameter.column,
    nRuns: parameter.nRuns,
    importance: { permutation: permutation[k]!, variance: variance[k]! },
    ...correlationOf(parameter, results),
  }));
  ranks.sort((a, b) => b.importance.variance - a.importance.variance || strength(b) - strength(a));
  return { ranks, nRuns: rows.length, r2, leftOut };
}
