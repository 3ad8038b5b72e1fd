/** The one number that tells how a run is doing: a metric with a goal, else a guess from the names. Pure. */

import {
  definitionFinder,
  numberOf,
  type SummaryDefinition,
  type SummaryValue,
  summaryValues,
} from "../runs/summary";
import type { ColumnFacts } from "../table/column-facts";
import { labelOf } from "../table/columns";
import { isAimed } from "../table/first-columns";
import { LIKELY, likelihoodRank } from "./likelihood";

export interface KeyMetric {
  readonly key: string;
  /** Of `define_metric`, where the summary holds one. */
  readonly aggregate: string | null;
  readonly value: number;
  readonly goal: SummaryValue["goal"];
}

interface KeyDefinition extends SummaryDefinition {
  readonly hidden?: boolean | null;
}

/** A goal that fewer runs have than this share of the most common one's is not what a project is after. */
const COMMON = 0.5;

/** The column of a project's key metric: with a goal, and many runs have it; null: no metric has a goal. */
export function keyColumnOf<T extends ColumnFacts>(aimed: readonly T[]): T | null {
  const fitting = aimed
    .filter((column) => isAimed(column) && !column.hidden)
    .sort((a, b) => b.n_runs - a.n_runs);
  const common = fitting.filter((column) => column.n_runs >= COMMON * fitting[0]!.n_runs);
  for (const pattern of LIKELY) {
    const match = common.find(({ column }) => pattern.test(labelOf(column).label));
    if (match) return match;
  }
  return common[0] ?? null;
}

/** The summary whose name is the likeliest for a key metric, and of these the one that most runs have; null: none is a number. */
export function likelyColumnOf<T extends ColumnFacts>(columns: readonly T[]): T | null {
  const rank = ({ column }: T) => likelihoodRank(labelOf(column).label);
  const numbers = columns.filter(
    ({ column, kinds, hidden }) =>
      column.startsWith("summary.") && !column.startsWith("summary._") && (kinds.number ?? 0) > 0 && !hidden,
  );
  return numbers.sort((a, b) => rank(a) - rank(b) || b.n_runs - a.n_runs)[0] ?? null;
}

/** The numbers of a run's summary but those of hidden metrics, the likeliest key metric first. */
export function keyMetricsOf(
  summary: Readonly<Record<string, unknown>>,
  definitions: readonly KeyDefinition[],
): KeyMetric[] {
  const definitionOf = definitionFinder(definitions);
  const numbers = summaryValues(summary, definitions).flatMap(({ value, ...rest }) => {
    const number = numberOf(value);
    const isLeftOut = number === null || rest.key.startsWith("_") || definitionOf(rest.key)?.hidden;
    return isLeftOut ? [] : [{ ...rest, value: number }];
  });
  // a likely name without a goal comes before an unlikely one with a goal
  const rank = ({ key, goal }: KeyMetric) => {
    const likely = LIKELY.findIndex((pattern) => pattern.test(key));
    return (likely < 0 ? 2 * LIKELY.length : likely) + (goal === null ? LIKELY.length : 0);
  };
  return numbers.sort((a, b) => rank(a) - rank(b));
}

/** The key metric of a run, or null when its summary has no number but of hidden metrics. */
export function keyMetricOf(
  summary: Readonly<Record<string, unknown>>,
  definitions: readonly KeyDefinition[],
): KeyMetric | null {
  return keyMetricsOf(summary, definitions)[0] ?? null;
}
