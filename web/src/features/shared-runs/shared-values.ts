/** The config and summary of shared runs as flat columns. Pure. */

import { columnsOfRuns } from "@/api/shared-columns";
import type { Run } from "@/api/types";
import { configValues } from "@/data/compare/compare-runs";
import { inResultOrder, summaryValues } from "@/data/runs/summary";
import { type FormatCell, formatOf } from "@/data/table/cell-format";
import { columnLabel, distinctLeads } from "@/data/table/columns";
import { firstConfig, firstSummary } from "@/data/table/first-columns";
import { formatCount } from "@/data/text/format";
import { inNaturalOrder } from "@/data/text/natural-order";
import type { NumberLook } from "@/data/view/view";

export interface SharedColumn {
  /** As views name it: `summary.val/acc`. */
  readonly id: string;
  /** The scope, where another column has the same title: `config.`; empty: none has. */
  readonly lead: string;
  readonly title: string;
  readonly values: readonly unknown[];
}

/**
 * Config that differs between the runs, then numbers of their summaries: `most` of each, those that a runs table suggests
 * before others.
 *
 * @param first ids of columns (`summary.val/acc`) that come before all others, also where all runs are the same
 */
export function columnsOf(
  runs: readonly Run[],
  most: number,
  first: readonly string[],
): readonly SharedColumn[] {
  const config = columnsIn(runs, "config", first).filter(
    ({ isFirst, values }) => isFirst || new Set(values.map((value) => JSON.stringify(value))).size > 1,
  );
  const summary = columnsIn(runs, "summary", first).filter(
    ({ id, values }) => !id.startsWith("summary._") && values.some((value) => typeof value === "number"),
  );
  const facts = columnsOfRuns(runs);
  const suggested = [...firstConfig(facts), ...firstSummary(facts)].map((id) => id.replaceAll("\\.", "."));
  const columns = [config, summary].flatMap((all) => mostOf(all, suggested, most));
  const rank = ({ id, isFirst }: (typeof columns)[number]) => (isFirst ? first.indexOf(id) : first.length);
  const leads = distinctLeads([...OWN_COLUMNS, ...columns]);
  return columns
    .toSorted((a, b) => rank(a) - rank(b))
    .map(({ id, title, values }) => ({ id, lead: leads.get(id)!, title, values }));
}

/** The chosen columns, then suggested ones, then others, as many as asked for; in the order in which they came. */
function mostOf<T extends { readonly id: string; readonly isFirst: boolean }>(
  columns: readonly T[],
  suggested: readonly string[],
  most: number,
): T[] {
  const ranks = new Map(suggested.map((id, i) => [id, i]));
  const rank = ({ id, isFirst }: T) => (isFirst ? -1 : (ranks.get(id) ?? suggested.length));
  const first = new Set(columns.toSorted((a, b) => rank(a) - rank(b)).slice(0, most));
  return columns.filter((column) => first.has(column));
}

/** The runs' own columns that each share has, next to their names. */
const OWN_COLUMNS = [
  { id: "name", title: "Name" },
  { id: "state", title: "State" },
  { id: "created", title: "Created" },
];

/** The ids of a share's columns in order: the runs' own state and time stand where `first` has them, or behind it. */
export function shownIds(columns: readonly SharedColumn[], first: readonly string[]): readonly string[] {
  const own = ["state", "created"];
  const ids = columns.map(({ id }) => id);
  const chosen = first.filter((id) => own.includes(id) || ids.includes(id));
  return [...new Set([...chosen, ...own, ...ids])];
}

/** The format of a column's values, as the view that is shared has it. */
export function sharedFormat(
  { id, values }: SharedColumn,
  looks: Readonly<Record<string, NumberLook>>,
): FormatCell {
  const numbers = values.filter((value) => typeof value === "number");
  const extent = {
    min: Math.min(...numbers),
    max: Math.max(...numbers),
    isWhole: numbers.every(Number.isInteger),
  };
  return formatOf(id, looks[id], numbers.length > 0 ? extent : undefined);
}

/** The metrics with a goal come before others that are not of `first`. */
function columnsIn(runs: readonly Run[], part: "config" | "summary", first: readonly string[]) {
  const leaves = runs.map((run) => configValues(run[part] as Record<string, unknown>));
  const names = inNaturalOrder([...new Set(leaves.flatMap((map) => [...map.keys()]))]);
  const results = () => inResultOrder(names.map((key) => ({ key, goal: null }))).map(({ key }) => key);
  const titles = new Set(part === "summary" ? results() : names);
  const chosen = first
    .map((id) => id.slice(part.length + 1))
    .filter((title, i) => first[i] === `${part}.${title}`);
  const aimed = part === "summary" ? aimedTitles(runs) : [];
  const before = [...chosen, ...aimed].filter((title) => titles.has(title));
  return [...new Set([...before, ...titles])].map((title) => ({
    id: `${part}.${title}`,
    title: columnLabel(`${part}.${title}`),
    isFirst: chosen.includes(title),
    values: leaves.map((map) => map.get(title)),
  }));
}

/** Titles of the values of metrics with a goal. */
function aimedTitles(runs: readonly Run[]): readonly string[] {
  return runs.flatMap(({ summary, definitions }) =>
    summaryValues(summary as Record<string, unknown>, definitions)
      .filter(({ goal }) => goal !== null)
      .map(({ key, aggregate }) => (aggregate ? `${key}.${aggregate}` : key)),
  );
}

/** The number of runs in each state: `9 finished, 1 failed`. */
export function statesText(runs: readonly Pick<Run, "state">[]): string {
  const counts = new Map<string, number>();
  for (const { state } of runs) counts.set(state, (counts.get(state) ?? 0) + 1);
  return [...counts]
    .sort(([, a], [, b]) => b - a)
    .map(([state, n]) => `${formatCount(n)} ${state}`)
    .join(", ");
}
