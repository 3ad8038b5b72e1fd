/** The one number that tells how a run is doing: a metric with a goal, else a guess from the names. Pure. */

import {
  definitionFinder,
  numberOf,
  type SummaryDefinition,
  type SummaryValue,
  summaryValues,
} from "../runs/summary";
import type { ColumnFacts } from "../table/column-facts";
import { columnLabel, labelOf, scopeOf } from "../table/columns";
import { isAimed } from "../table/first-columns";
import type { Order } from "../view/view";
import { aimOf } from "./goal";
import { inKeyOrder, keyRank, likelihoodRank } from "./likelihood";

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
  const rank = ({ column }: T) => likelihoodRank(labelOf(column).label);
  return common.sort((a, b) => rank(a) - rank(b))[0] ?? null;
}

/** The goal of a metric of whose values a definition asks for the highest, or the lowest; null: its name tells the other one, or neither. */
export function goalOfAggregate(metric: string, aggregate: string | null): KeyMetric["goal"] {
  const goal = aggregate === "max" ? "maximize" : aggregate === "min" ? "minimize" : null;
  return aimOf(metric, null) === otherGoal(goal) ? null : goal;
}

function otherGoal(goal: KeyMetric["goal"]): KeyMetric["goal"] {
  return goal && (goal === "maximize" ? "minimize" : "maximize");
}

/**
 * The summary of a metric whose highest or lowest value is asked for, or whose name is the likeliest for a key metric, and of these
 * the one that most runs have; null: none is a number.
 */
export function likelyColumnOf<T extends ColumnFacts>(columns: readonly T[]): T | null {
  const rank = ({ column }: T) => {
    const { label, aggregate } = labelOf(column);
    return keyRank(label, false, goalOfAggregate(label, aggregate) !== null);
  };
  const numbers = columns.filter(
    ({ column, kinds, hidden }) =>
      column.startsWith("summary.") && !column.startsWith("summary._") && (kinds.number ?? 0) > 0 && !hidden,
  );
  return numbers.sort((a, b) => rank(a) - rank(b) || b.n_runs - a.n_runs)[0] ?? null;
}

const NO_KEYS: ReadonlySet<string> = new Set();

/**
 * The numbers of a run's summary but those of hidden metrics, the likeliest key metric first.
 *
 * @param first labels that come before all others, `val/loss` or `val/loss min`: the list of runs is sorted by them
 */
export function keyMetricsOf(
  summary: Readonly<Record<string, unknown>>,
  definitions: readonly KeyDefinition[],
  first = NO_KEYS,
): KeyMetric[] {
  const definitionOf = definitionFinder(definitions);
  const numbers = summaryValues(summary, definitions).flatMap(({ value, ...rest }) => {
    const number = numberOf(value);
    const isLeftOut = number === null || rest.key.startsWith("_") || definitionOf(rest.key)?.hidden;
    if (isLeftOut) return [];
    const { key, goal, aggregate } = rest;
    return [{ ...rest, value: number, goal: goal ?? goalOfAggregate(key, aggregate) }];
  });
  const isKept = ({ key, aggregate }: KeyMetric) =>
    aggregate === "best" || goalOfAggregate(key, aggregate) !== null;
  const isFirst = ({ key, aggregate }: KeyMetric) => first.has(aggregate ? `${key} ${aggregate}` : key);
  return inKeyOrder(
    numbers,
    ({ key, aggregate }) => `${key} ${aggregate}`,
    (number) => (isFirst(number) ? -1 : keyRank(number.key, number.goal !== null, isKept(number))),
  );
}

/** The key metrics of a run, each by its first value; before them those by which the list of runs is sorted. */
export function firstNumbers(
  summary: Readonly<Record<string, unknown>>,
  definitions: readonly KeyDefinition[],
  order: readonly Order[],
): KeyMetric[] {
  const sorted = order.map(({ column }) => column).filter((column) => scopeOf(column) === "summary");
  const all = keyMetricsOf(summary, definitions, new Set(sorted.map(columnLabel)));
  return all.filter(({ key }, i) => all.findIndex((other) => other.key === key) === i);
}

/** The key metric of a run, or null when its summary has no number but of hidden metrics. */
export function keyMetricOf(
  summary: Readonly<Record<string, unknown>>,
  definitions: readonly KeyDefinition[],
): KeyMetric | null {
  return keyMetricsOf(summary, definitions)[0] ?? null;
}
