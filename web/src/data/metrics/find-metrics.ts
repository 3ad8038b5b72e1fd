/** Ranks metrics by what a person types, the likeliest first, as `find-columns` does columns. Pure. */

import { EQUAL, INSIDE, wordRank } from "../text/words";

/** Whether a name is of weft's own or of the table behind a logged chart. */
export function isHelperName(name: string): boolean {
  return name.startsWith("_") || name.endsWith("_table");
}

/** The tier of a match; one that serves something else comes last unless it is what was typed. */
export function helpersLast(rank: number, isHelper: boolean): number {
  return rank > EQUAL && isHelper ? rank + INSIDE : rank;
}

/** The tier of a typed text in the name of a metric, less is better. */
export function metricRank(name: string, typed: string): number {
  return helpersLast(wordRank(name, typed), isHelperName(name));
}

interface Ranked {
  readonly rank: number;
  readonly isAimed: boolean;
  readonly nRuns: number;
}

/** Compares matches: by tier, then those with a goal first, then those that more runs have. */
export function byFit(a: Ranked, b: Ranked): number {
  return a.rank - b.rank || Number(b.isAimed) - Number(a.isAimed) || b.nRuns - a.nRuns;
}
