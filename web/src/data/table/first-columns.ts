/**
 * The columns that the runs table suggests: those that tell a project's runs apart. Pure.
 *
 * First the metrics with a goal, then those that most runs have, then the parameters in which runs differ.
 * What only one run has, and what is the same in all, is left for a person to choose.
 */

import { AGGREGATE_GOALS } from "../lists.gen";
import { inKeyOrder, isEvaluated, likelihoodRank } from "../metrics/likelihood";
import { sectionOf } from "../metrics/sections";
import { type ColumnFacts, isConstant } from "./column-facts";

const SUMMARY = "summary.";
const MOST_SUMMARY = 12;
const MOST_CONFIG = 8;
/** The rest is for what was measured in training. */
const MOST_EVALUATED = 8;
/** Of evaluated metrics, those with a smaller share of the runs of the most common one come after all others. */
const COMMON = 0.5;
/** More than any rank of a name. */
const BEHIND_NUMBERS = 100;
/** A column that a smaller share of the runs has is not suggested. */
const RARE = 0.1;

let collator: Intl.Collator | undefined;

/** The order of names; numbers in them by size: `layer2` before `layer10`. */
export function byName(a: string, b: string): number {
  collator ??= new Intl.Collator("en", { numeric: true });
  return collator.compare(a, b);
}

/** The columns that most runs have, the likeliest names first. Of equals, those of small sections: 256 layers come last. */
function firstOf(facts: readonly ColumnFacts[], most: number): string[] {
  const sizes = new Map<string, number>();
  for (const { column } of facts) sizes.set(sectionOf(column), (sizes.get(sectionOf(column)) ?? 0) + 1);
  const sizeOf = ({ column }: ColumnFacts) => sizes.get(sectionOf(column)) ?? 0;
  const bySize = (a: ColumnFacts, b: ColumnFacts) => sizeOf(a) - sizeOf(b) || byName(a.column, b.column);
  return [...facts]
    .sort((a, b) => b.n_runs - a.n_runs || bySize(a, b))
    .slice(0, most)
    .sort((a, b) => rankOf(a) - rankOf(b) || bySize(a, b))
    .map(({ column }) => column);
}

/** Only names of metrics tell of how much use they are; texts come behind numbers. */
function rankOf(entry: ColumnFacts): number {
  if (!entry.column.startsWith(SUMMARY)) return 0;
  return likelihoodRank(entry.column.slice(SUMMARY.length)) + (isOfNumbers(entry) ? 0 : BEHIND_NUMBERS);
}

function isOfNumbers({ kinds }: ColumnFacts): boolean {
  return (kinds.number ?? 0) > 0 || (kinds.nonfinite ?? 0) > 0;
}

function countRuns(facts: readonly ColumnFacts[]): number {
  return facts.reduce((most, { n_runs }) => Math.max(most, n_runs), 0);
}

/** Numbers, texts and bools: a picture or a list says nothing in a cell. */
export function isPlain({ kinds }: ColumnFacts): boolean {
  return ["number", "nonfinite", "text", "bool"].some((kind) => (kinds[kind] ?? 0) > 0);
}

/** Whether it shows what its metric's goal asks for: the best value, or all that is kept of the metric. */
export function isAimed({ column, goal }: Pick<ColumnFacts, "column" | "goal">): boolean {
  if (goal == null) return false;
  const figure = column.slice(column.lastIndexOf(".") + 1);
  return !isAggregate(figure) || AGGREGATE_GOALS[figure].some((each) => each === goal);
}

function isAggregate(name: string): name is keyof typeof AGGREGATE_GOALS {
  return Object.hasOwn(AGGREGATE_GOALS, name);
}

/** Columns of what people and runs have: the user where there are several, tags and notes where not only a few runs have any. */
export function firstOwn(facts: readonly ColumnFacts[]): string[] {
  const least: Readonly<Record<string, number>> = { user: 2, tags: 1, notes: 1 };
  const nRuns = countRuns(facts);
  return facts
    .filter(({ column, samples }) => (samples?.length ?? 0) >= (least[column] ?? Number.POSITIVE_INFINITY))
    .filter(({ n_runs }) => n_runs >= nRuns * RARE)
    .map(({ column }) => column);
}

/** Suggested columns of the summary: those with a goal, then the others, of which most places are for results on held-out data. */
export function firstSummary(facts: readonly ColumnFacts[]): string[] {
  const nRuns = countRuns(facts);
  const listed = facts.filter(
    (entry) => entry.column.startsWith(SUMMARY) && !entry.column.startsWith(`${SUMMARY}_`) && !entry.hidden,
  );
  const shared = listed.filter((entry) => isPlain(entry) && entry.n_runs >= Math.min(nRuns, 2));
  const first = firstOf(shared.filter(isAimed), MOST_SUMMARY);
  const others = shared.filter(
    (entry) => entry.n_runs >= nRuns * RARE && (isOfNumbers(entry) || !isConstant(entry)),
  );
  const without = () => others.filter(({ column }) => !first.includes(column));
  first.push(...firstEvaluated(without(), MOST_EVALUATED - first.length));
  return [...first, ...firstOf(without(), MOST_SUMMARY - first.length)];
}

/** Results on held-out data that most runs have, the likeliest first; one of `recall@1`, `recall@10` before the others of its kind. */
function firstEvaluated(facts: readonly ColumnFacts[], most: number): string[] {
  const evaluated = facts.filter(
    (entry) => isOfNumbers(entry) && isEvaluated(entry.column.slice(SUMMARY.length)),
  );
  const least = countRuns(evaluated) * COMMON;
  const common = evaluated.filter(({ n_runs }) => n_runs >= least);
  common.sort((a, b) => byName(a.column, b.column));
  const names = inKeyOrder(common, ({ column }) => column, rankOf).map(({ column }) => column);
  return names.slice(0, Math.max(0, most));
}

/** Suggested columns of the config, by name: those in which runs differ; of a single run all. */
export function firstConfig(facts: readonly ColumnFacts[]): string[] {
  const nRuns = countRuns(facts);
  const differ = facts.filter(
    (entry) =>
      entry.column.startsWith("config.") &&
      isPlain(entry) &&
      entry.n_runs >= Math.min(nRuns, Math.max(2, nRuns * RARE)) &&
      (nRuns <= 1 || new Set((entry.samples ?? []).map((value) => JSON.stringify(value))).size > 1),
  );
  return firstOf(differ, MOST_CONFIG);
}
