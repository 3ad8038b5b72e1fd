/** The rows of a list of metrics: all section by section, or those that a search finds. Pure. */

import { homesOf } from "@/data/board/board";
import { AGGREGATES } from "@/data/lists.gen";
import { byFit, metricRank } from "@/data/metrics/find-metrics";
import { largeSectionsOf, PLAIN_SECTION, SYSTEM_SECTION } from "@/data/metrics/sections";
import type { ColumnFacts } from "@/data/table/column-facts";
import { inNaturalOrder } from "@/data/text/natural-order";
import { matcherFor } from "@/data/text/text-match";

export interface ListedMetric {
  readonly name: string;
  readonly nRuns: number;
}

/** The head of a section's metrics, and how many they are. */
interface SectionHead {
  readonly section: string;
  readonly n: number;
}

/** Columns next to metrics: results named as metrics are, parameters as columns. */
export interface ListedColumns {
  readonly results: readonly ListedMetric[];
  readonly parameters: readonly ListedMetric[];
}

/**
 * The columns that hold results which no metric was logged for, and the parameters.
 *
 * @param fits whether a search finds a name
 */
export function columnsBeside(
  columns: readonly ColumnFacts[],
  metrics: readonly string[],
  fits: (name: string) => boolean,
): ListedColumns {
  const logged = new Set(metrics);
  const isLogged = (name: string) =>
    logged.has(name) || (isAggregate(name) && logged.has(name.slice(0, name.lastIndexOf("."))));
  const results: ListedMetric[] = [];
  const parameters: ListedMetric[] = [];
  for (const { column, n_runs: nRuns, kinds, hidden } of columns) {
    if (column.startsWith("config.")) {
      if (fits(column) && isPlainValue(kinds)) parameters.push({ name: column, nRuns });
      continue;
    }
    const name = column.slice("summary.".length);
    const isResult =
      column.startsWith("summary.") && !name.startsWith("_") && !hidden && (kinds.number ?? 0) > 0;
    if (isResult && !isLogged(name) && fits(name)) results.push({ name, nRuns });
  }
  return { results, parameters };
}

function isAggregate(name: string): boolean {
  const part = name.slice(name.lastIndexOf(".") + 1);
  return part === "best" || part in AGGREGATES;
}

function isPlainValue(kinds: ColumnFacts["kinds"]): boolean {
  return (kinds.number ?? 0) + (kinds.text ?? 0) + (kinds.bool ?? 0) > 0;
}

/**
 * Metrics by section and name; with a search those that it finds: of words the likeliest first, of a pattern by name.
 *
 * An invalid pattern finds none. Of metrics that fit as well, the `aimed` ones, with a goal, come first.
 */
export function listedMetrics(
  metrics: readonly ListedMetric[],
  search: string,
  isRegex: boolean,
  aimed: ReadonlySet<string>,
): readonly (ListedMetric | SectionHead)[] {
  const byName = new Map(metrics.map((metric) => [metric.name, metric]));
  const names = inNaturalOrder([...byName.keys()]);
  if (search.trim() === "") return inSections(names, byName);
  const { test } = matcherFor(search, isRegex);
  const matches = names.filter((name) => test?.(name)).map((name) => byName.get(name)!);
  if (isRegex) return matches;
  return matches
    .map((metric) => ({
      metric,
      rank: metricRank(metric.name, search),
      isAimed: aimed.has(metric.name),
      nRuns: metric.nRuns,
    }))
    .sort(byFit)
    .map(({ metric }) => metric);
}

/** Metrics without a prefix first, those of layers or classes behind the others, and those of machines last. */
function inSections(names: readonly string[], byName: ReadonlyMap<string, ListedMetric>) {
  const homes = homesOf(names);
  const large = largeSectionsOf(names);
  const position = (section: string) => {
    if (section === SYSTEM_SECTION) return 3;
    return large.has(section) ? 2 : section === PLAIN_SECTION ? 0 : 1;
  };
  return inNaturalOrder([...homes.keys()])
    .sort((a, b) => position(a) - position(b))
    .flatMap((section) => {
      const listed = homes.get(section)!.map((name) => byName.get(name)!);
      return [{ section, n: listed.length }, ...listed];
    });
}
