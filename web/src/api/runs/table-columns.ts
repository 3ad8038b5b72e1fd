/**
 * The columns that a project's runs have, for the runs table: those of most runs in each scope, summaries with a
 * goal, and how many there are.
 */

import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { projectPath, requestJson } from "../client";
import type { ProjectRef, Schemas } from "../types";

/** Of each scope; a project with 100,000 metrics has the others in the search for columns. */
const MOST = 300;
/** A metric with a goal is known however many others there are. */
const MOST_GOALS = 50;
const OLD_MILLIS = 30_000;
const SCOPES = ["config", "summary", "writer"] as const;

export interface TableColumns {
  readonly columns: readonly Schemas["Column"][];
  /** Number of columns, by scope. */
  readonly totals: Readonly<Record<(typeof SCOPES)[number], number>>;
}

export function tableColumnsQuery(ref: ProjectRef) {
  return queryOptions({
    queryKey: ["columns", ref.entity, ref.project, "table"] as const,
    queryFn: async ({ signal }): Promise<TableColumns> => {
      const ask = (query: Record<string, string>) =>
        requestJson<Schemas["ColumnList"]>(
          `${projectPath(ref)}/columns?${new URLSearchParams({ order: "use", ...query })}`,
          { signal },
        );
      const [aimed, own, ...pages] = await Promise.all([
        ask({ has_goal: "true", limit: String(MOST_GOALS) }),
        ask({ scope: "run" }),
        ...SCOPES.map((scope) => ask({ scope, limit: String(MOST) })),
      ]);
      const [config = 0, summary = 0, writer = 0] = pages.map((page) => page.total);
      const all = [...own.columns, ...aimed.columns, ...pages.flatMap((page) => page.columns)];
      const byName = new Map(all.map((column) => [column.column, column]));
      return { columns: [...byName.values()], totals: { config, summary, writer } };
    },
    staleTime: OLD_MILLIS,
    placeholderData: keepPreviousData,
  });
}
