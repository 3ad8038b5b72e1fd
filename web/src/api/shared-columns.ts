/** Columns of shared runs, from the runs themselves: a share tells nothing of its project's columns. */

import type { QueryClient } from "@tanstack/react-query";
import { definitionFinder, isBranch } from "@/data/runs/summary";
import { byName } from "@/data/table/first-columns";
import { matcherFor } from "@/data/text/text-match";
import { isForbidden } from "./client";
import { sharedRunsQuery } from "./shares";
import type { ProjectRef, Run, Schemas } from "./types";

type Column = Schemas["Column"];

const OLD_MILLIS = 30_000;
const MOST_SAMPLES = 5;

/** A page of the columns that a share's runs have, for a query as `GET …/columns` takes it; none of a share of one panel. */
export async function loadSharedColumns(
  ref: ProjectRef,
  query: Readonly<Record<string, string>>,
  client: QueryClient,
): Promise<Schemas["ColumnList"]> {
  let runs: readonly Run[] = [];
  try {
    ({ runs } = await client.fetchQuery({ ...sharedRunsQuery(ref, []), staleTime: OLD_MILLIS }));
  } catch (error) {
    // the share of a panel lists no config
    if (!isForbidden(error)) throw error;
  }
  const columns = selectColumns(columnsOfRuns(runs), query);
  const limit = query.limit === undefined ? columns.length : Number(query.limit);
  return { columns: columns.slice(0, limit), cursor: null, total: columns.length };
}

/** The columns that match a query, in its order. */
export function selectColumns(
  columns: readonly Column[],
  query: Readonly<Record<string, string>>,
): readonly Column[] {
  const { scope, search = "", regex, has_goal: hasGoal, order } = query;
  const { test, error } = matcherFor(search, regex === "true");
  if (error !== null) throw new Error(error);
  return columns
    .filter(
      ({ column, goal }) =>
        (scope === undefined || column.startsWith(`${scope}.`)) &&
        (hasGoal !== "true" || goal !== null) &&
        test(column),
    )
    .sort((a, b) => (order === "use" ? b.n_runs - a.n_runs : 0) || byName(a.column, b.column));
}

interface Leaf {
  readonly column: string;
  readonly value: unknown;
  readonly definition: Run["definitions"][number] | undefined;
}

/** The columns of config and summary that runs have. */
export function columnsOfRuns(
  runs: readonly Pick<Run, "config" | "summary" | "definitions">[],
): readonly Column[] {
  const leaves = new Map<string, Leaf[]>();
  for (const leaf of runs.flatMap(leavesOf)) {
    const same = leaves.get(leaf.column);
    if (same) same.push(leaf);
    else leaves.set(leaf.column, [leaf]);
  }
  return [...leaves].map(([column, all]) => {
    const kinds: Record<string, number> = {};
    const samples = new Map<string, unknown>();
    for (const { value } of all) {
      const kind = kindOf(value);
      kinds[kind] = (kinds[kind] ?? 0) + 1;
      if (samples.size < MOST_SAMPLES) samples.set(JSON.stringify(value), value);
    }
    const goal = all.find(({ definition }) => definition?.goal)?.definition?.goal ?? null;
    return {
      column,
      kinds,
      n_runs: all.length,
      samples: [...samples.values()],
      hidden: all.every(({ definition }) => definition?.hidden === true),
      goal: goal as Column["goal"],
    };
  });
}

/** The values of a run's config and summary, each with its column. */
export function leavesOf({
  config,
  summary,
  definitions,
}: Pick<Run, "config" | "summary" | "definitions">): readonly Leaf[] {
  const definitionOf = definitionFinder(definitions);
  const leaves: Leaf[] = [];
  const walk = (part: object, column: string, key: string, isSummary: boolean) => {
    const outer = isSummary ? definitionOf(key) : undefined;
    for (const [name, value] of Object.entries(part) as [string, unknown][]) {
      const path = `${column}.${name.replace(/[\\.]/g, "\\$&")}`;
      const inner = key === "" ? name : `${key}.${name}`;
      const isAggregate = outer?.summary.includes(name) === true;
      if (isBranch(value) && !isAggregate) walk(value, path, inner, isSummary);
      else {
        const own = isSummary ? definitionOf(inner) : undefined;
        leaves.push({ column: path, value, definition: isAggregate ? outer : own });
      }
    }
  };
  walk(config, "config", "", false);
  walk(summary, "summary", "", true);
  return leaves;
}

function kindOf(value: unknown): string {
  if (value === null) return "none";
  if (typeof value === "number") return "number";
  if (typeof value === "boolean") return "bool";
  if (typeof value === "string") return "text";
  return (value as { _type?: unknown })._type === "float" ? "nonfinite" : "other";
}
