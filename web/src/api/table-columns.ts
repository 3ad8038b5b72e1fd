/**
 * The columns that a project's runs have, for the runs table: the first of each scope, and how many there are.
 */

import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { projectPath, requestJson } from "./client";
import type { ProjectRef, Schemas } from "./types";

/** Of each scope; a project with 100,000 metrics has the others in the search for columns. */
const MOST = 300;
const OLD_MILLIS = 30_000;
const SCOPES = ["config", "summary", "writer"] as const;

export interface TableColumns {
  readonly columns: readonly Schemas["ColumnUse"][];
  /** How many there are, by scope. */
  readonly totals: Readonly<Record<(typeof SCOPES)[number], number>>;
}

export function tableColumnsQuery(ref: ProjectRef) {
  return queryOptions({
    queryKey: ["columns", ref.entity, ref.project, "table"] as const,
    queryFn: async ({ signal }): Promise<TableColumns> => {
      const pages = await Promise.all(
        SCOPES.map((scope) =>
          requestJson<Schemas["ColumnList"]>(
            `${projectPath(ref)}/columns?${new URLSearchParams({ scope, limit: String(MOST) })}`,
            { signal },
          ),
        ),
      );
      const [config = 0, summary = 0, writer = 0] = pages.map((page) => page.total);
      return { columns: pages.flatMap((page) => page.columns), totals: { config, summary, writer } };
    },
    staleTime: OLD_MILLIS,
    placeholderData: keepPreviousData,
  });
}
