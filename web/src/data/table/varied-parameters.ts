/** The parameters in which a project's runs differ, and those of them that a new panel begins with. Pure. */

import type { ColumnFacts } from "./column-facts";
import { byName, isPlain } from "./first-columns";

const RATE = /(^|[._])(lr|learning_rate|base_lr|max_lr)$/i;
/** Numbers that name a run, and explain nothing. */
const SEED = /(^|[._])(seed|random_state|id|fold)$/i;

/** A key that this share of the runs has is one that they have together. */
const NEARLY_ALL = 0.9;
const MANY = 0.5;
const MOST_AXES = 4;
const FEWEST_AXES = 3;

/**
 * Parameters of which the samples differ, the most common first.
 *
 * Of those that as many runs have, the learning rate comes first, as people look for it first; seeds and folds come last of all.
 */
export function variedParameters<T extends ColumnFacts>(columns: readonly T[]): T[] {
  const rank = ({ column }: T) => (SEED.test(column) ? 2 : RATE.test(column) ? 0 : 1);
  const isSeed = (facts: T) => Number(rank(facts) === 2);
  return columns
    .filter((facts) => isPlain(facts) && isVaried(facts))
    .sort(
      (a, b) =>
        isSeed(a) - isSeed(b) || b.n_runs - a.n_runs || rank(a) - rank(b) || byName(a.column, b.column),
    );
}

/** Parameters for several axes, of which the first `nAxes` are taken. */
interface AxisChoice {
  readonly columns: readonly string[];
  readonly nAxes: number;
}

/** Those that nearly all runs have together, and where these are few, those of many. */
export function axisChoice(varied: readonly ColumnFacts[]): AxisChoice {
  const plain = varied.filter(({ column }) => !SEED.test(column));
  const common = plain.filter(hasShare(varied, NEARLY_ALL));
  const many = plain.filter(hasShare(varied, MANY));
  const isShared = common.length >= FEWEST_AXES;
  const columns = isShared ? common : many.length > 1 ? many : varied.filter(hasShare(varied, MANY));
  return { columns: columns.map(({ column }) => column), nAxes: isShared ? MOST_AXES : FEWEST_AXES };
}

/** The parameter for one axis: a number that nearly all runs have, else what most have. Null: they differ in none. */
export function firstX(varied: readonly ColumnFacts[]): string | null {
  const common = varied.filter(hasShare(varied, NEARLY_ALL));
  const number = common.find(({ column, kinds }) => (kinds.number ?? 0) > 0 && !SEED.test(column));
  return (number ?? varied[0])?.column ?? null;
}

function hasShare(facts: readonly ColumnFacts[], share: number) {
  const most = facts.reduce((max, { n_runs }) => Math.max(max, n_runs), 0);
  return ({ n_runs }: ColumnFacts) => n_runs >= share * most;
}

function isVaried({ samples = [] }: ColumnFacts): boolean {
  return new Set(samples.map((sample) => JSON.stringify(sample))).size > 1;
}
