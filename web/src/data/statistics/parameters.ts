/**
 * The importance of runs' parameters for one of their results: from columns of the runs table to importance and
 * correlation. Pure; takes a while for many runs, so panels ask a worker.
 */

import { spearman } from "./correlation";
import { type Feature, forestImportance } from "./forest";

/** A parameter's values, one for each run; null where a run has none. */
export interface Parameter {
  readonly column: string;
  readonly values: readonly unknown[];
}

/**
 * The measure of importance: the variance that a parameter explains by itself, or how much worse the
 * result is told when its values are shuffled.
 */
export type Measure = "variance" | "permutation";

export interface ParameterRank {
  readonly column: string;
  /** By measure, 0 to 1. */
  readonly importance: Readonly<Record<Measure, number>>;
  /** Spearman's rho, for a category by its `level`; null if it can't be computed. */
  readonly correlation: number | null;
  /** Of a category: the value that goes with the result most, or least; null of numbers. */
  readonly level: string | null;
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

/** Fewer runs tell nothing. */
export const FEWEST_RUNS = 8;
/** A text with more different values than half of the runs names them. */
const NAMING_PART = 0.5;

export function rankParameters(parameters: readonly Parameter[], target: readonly unknown[]): ParameterRanks {
  const rows = target.flatMap((value, i) => (typeof value === "number" && Number.isFinite(value) ? [i] : []));
  const results = Float64Array.from(rows, (i) => target[i] as number);
  if (rows.length < FEWEST_RUNS) return { ranks: [], nRuns: rows.length, r2: null, leftOut: [] };
  const leftOut: string[] = [];
  const usable = parameters.flatMap((parameter) => {
    const values = rows.map((i) => parameter.values[i] ?? null);
    const levels = levelsOf(values);
    if (levels.length < 2) return [];
    const isNumber = values.every((v) => v === null || typeof v === "number");
    if (!isNumber && levels.length > rows.length * NAMING_PART) {
      leftOut.push(parameter.column);
      return [];
    }
    return [{ column: parameter.column, feature: featureOf(values, levels, isNumber), levels, isNumber }];
  });
  const { permutation, variance, r2 } = forestImportance(
    usable.map(({ feature }) => feature),
    results,
  );
  const ranks = usable.map(({ column, feature, levels, isNumber }, k) => ({
    column,
    importance: { permutation: permutation[k]!, variance: variance[k]! },
    ...(isNumber
      ? { correlation: spearman(feature.values, results), level: null }
      : strongestLevel(feature, levels, results)),
  }));
  ranks.sort((a, b) => b.importance.variance - a.importance.variance || strength(b) - strength(a));
  return { ranks, nRuns: rows.length, r2, leftOut };
}

function strength({ correlation }: { correlation: number | null }): number {
  return Math.abs(correlation ?? 0);
}

/** The different values as texts, in order of first appearance; a missing one is one of them. */
function levelsOf(values: readonly unknown[]): string[] {
  return [...new Set(values.map(levelText))];
}

function levelText(value: unknown): string {
  if (value === null) return "not set";
  return typeof value === "string" ? value : JSON.stringify(value);
}

function featureOf(values: readonly unknown[], levels: readonly string[], isNumber: boolean): Feature {
  if (isNumber) return { isCategory: false, values: Float64Array.from(values, (v) => (v as number) ?? NaN) };
  const codes = new Map(levels.map((level, code) => [level, code]));
  return { isCategory: true, values: Float64Array.from(values, (v) => codes.get(levelText(v))!) };
}

/** Of a category: the value whose presence goes with the result most, either way. */
function strongestLevel(feature: Feature, levels: readonly string[], results: Float64Array) {
  let best: { correlation: number | null; level: string | null } = { correlation: null, level: null };
  for (const [code, level] of levels.entries()) {
    const has = feature.values.map((v) => (v === code ? 1 : 0));
    const correlation = spearman(has, results);
    // of two values one is the other's opposite: say the one that goes up with the result
    if (
      strength({ correlation }) > strength(best) ||
      (correlation ?? 0) > Math.abs(best.correlation ?? 0) - 1e-12
    )
      best = { correlation, level };
  }
  return best;
}
