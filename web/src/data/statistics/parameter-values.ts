/** Values of runs' parameters as features, and how each alone goes with a result. Pure. */

import { spearman } from "./correlation";
import type { Feature } from "./forest";

/** A parameter's values, one for each run; null where a run has none. */
export interface Parameter {
  readonly column: string;
  readonly values: readonly unknown[];
}

/** Fewer runs tell nothing. */
export const FEWEST_RUNS = 8;
/** A text with more different values than half of the runs names them. */
const NAMING_PART = 0.5;

/** The correlation of a parameter with a result. */
export interface LevelCorrelation {
  /** Spearman's rho, for a category by its `level`; null if it can't be computed, or of too few runs. */
  readonly correlation: number | null;
  /** Of a category: the value that goes with the result most, or least; null of numbers. */
  readonly level: string | null;
}

/** The places of the runs that have the result, and their results. */
export function runsWithResult(target: readonly unknown[]) {
  const rows = target.flatMap((value, i) => (typeof value === "number" && Number.isFinite(value) ? [i] : []));
  return { rows, results: Float64Array.from(rows, (i) => target[i] as number) };
}

interface UsableParameter {
  readonly column: string;
  readonly feature: Feature;
  readonly levels: readonly string[];
  /** Of each run: the place of its value in `levels`. */
  readonly codes: readonly number[];
  readonly isNumber: boolean;
  /** Runs that have a value of it. */
  readonly nRuns: number;
}

/** The parameters that vary among some runs; `leftOut` only name the run. */
export function usableParameters(
  parameters: readonly Parameter[],
  rows: readonly number[],
): { usable: UsableParameter[]; leftOut: string[] } {
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
    const nRuns = values.filter((v) => v !== null).length;
    const codeOf = new Map(levels.map((level, code) => [level, code]));
    const codes = values.map((value) => codeOf.get(levelText(value))!);
    const feature: Feature = isNumber
      ? { isCategory: false, values: Float64Array.from(values, (v) => (v as number) ?? NaN) }
      : { isCategory: true, values: Float64Array.from(codes) };
    return [{ column: parameter.column, feature, levels, codes, isNumber, nRuns }];
  });
  return { usable, leftOut };
}

export function correlationOf(
  { feature, levels, isNumber, nRuns }: UsableParameter,
  results: Float64Array,
): LevelCorrelation {
  if (!isNumber) return strongestLevel(feature, levels, results);
  return { correlation: nRuns < FEWEST_RUNS ? null : spearman(feature.values, results), level: null };
}

export function strength({ correlation }: { correlation: number | null }): number {
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

/** Of a category: the value whose presence goes with the result most, either way. */
function strongestLevel(feature: Feature, levels: readonly string[], results: Float64Array) {
  let best: LevelCorrelation = { correlation: null, level: null };
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
