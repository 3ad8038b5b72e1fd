/** The config and summary of shared runs as flat columns. Pure. */

import type { Run } from "@/api/types";
import { summaryValues } from "@/data/runs/summary";
import { type FormatCell, formatOf } from "@/data/table/cell-format";
import { formatCount } from "@/data/text/format";
import { inNaturalOrder } from "@/data/text/natural-order";
import type { NumberLook, Order, View } from "@/data/view/view";

type Scalar = string | number | boolean | null;
/** A value under its path. */
export type SharedValue = readonly [name: string, value: Scalar];

export function isScalar(value: unknown): value is Scalar {
  return value === null || ["string", "number", "boolean"].includes(typeof value);
}

/** The leaves of a config or a summary, by path; objects with a `_type` and lists are left out. */
export function leavesOf(value: object, prefix = ""): ReadonlyMap<string, Scalar> {
  const leaves = new Map<string, Scalar>();
  for (const [name, part] of Object.entries(value) as [string, unknown][]) {
    const path = prefix + name;
    if (isScalar(part)) leaves.set(path, part);
    else if (part !== null && typeof part === "object" && !Array.isArray(part) && !("_type" in part))
      for (const [inner, leaf] of leavesOf(part, `${path}.`)) leaves.set(inner, leaf);
  }
  return leaves;
}

export interface SharedColumn {
  /** As views name it: `summary.val/acc`. */
  readonly id: string;
  readonly title: string;
  readonly values: readonly (Scalar | undefined)[];
}

/**
 * Config that differs between the runs, then numbers of their summaries: the first `most` of each.
 *
 * @param first ids of columns (`summary.val/acc`) that come before all others, also where all runs are the same
 */
export function columnsOf(
  runs: readonly Run[],
  most: number,
  first: readonly string[],
): readonly SharedColumn[] {
  const config = columnsIn(runs, "config", first).filter(
    ({ isFirst, values }) => isFirst || new Set(values).size > 1,
  );
  const summary = columnsIn(runs, "summary", first).filter(
    ({ title, values }) => !title.startsWith("_") && values.some((value) => typeof value === "number"),
  );
  const columns = [...config.slice(0, most), ...summary.slice(0, most)];
  const rank = ({ id, isFirst }: (typeof columns)[number]) => (isFirst ? first.indexOf(id) : first.length);
  return columns
    .toSorted((a, b) => rank(a) - rank(b))
    .map(({ id, title, values }) => ({ id, title, values }));
}

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
  const leaves = runs.map((run) => leavesOf(run[part]));
  const titles = new Set(inNaturalOrder([...new Set(leaves.flatMap((map) => [...map.keys()]))]));
  const chosen = first
    .map((id) => id.slice(part.length + 1))
    .filter((title, i) => first[i] === `${part}.${title}`);
  const aimed = part === "summary" ? aimedTitles(runs) : [];
  const before = [...chosen, ...aimed].filter((title) => titles.has(title));
  return [...new Set([...before, ...titles])].map((title) => ({
    id: `${part}.${title}`,
    title,
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

/** The columns of runs, besides config and summary, that a share may be sorted by. */
const SORTABLE = [
  "name",
  "state",
  "created",
  "started",
  "ended",
  "heartbeat",
  "runtime",
  "group",
  "job_type",
];

/** The sort keys of a view that its share has; it hides the columns that name people and machines. */
export function orderOf({ order }: Pick<View, "order">): readonly Order[] {
  return order.filter(({ column }) => /^(config|summary)\./.test(column) || SORTABLE.includes(column));
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
