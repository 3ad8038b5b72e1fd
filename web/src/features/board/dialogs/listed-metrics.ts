/** The rows of a list of metrics: all section by section, or those that a search finds. Pure. */

import { homesOf } from "@/data/board/board";
import { byFit, metricRank } from "@/data/metrics/find-metrics";
import { largeSectionsOf, PLAIN_SECTION, SYSTEM_SECTION } from "@/data/metrics/sections";
import { inNaturalOrder } from "@/data/text/natural-order";
import { matcherFor } from "@/data/text/text-match";

interface ListedMetric {
  readonly name: string;
  readonly nRuns: number;
}

/** The head of a section's metrics, and how many they are. */
interface SectionHead {
  readonly section: string;
  readonly n: number;
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
