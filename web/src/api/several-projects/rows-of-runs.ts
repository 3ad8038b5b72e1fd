/** Rows of some runs, which may be of several projects. */

import { queryOptions } from "@tanstack/react-query";
import { type RowsPage, rowsQuery, runsKey } from "../runs/run-rows";
import type { ProjectRef } from "../types";
import { askProjects, isRunKey } from "./run-keys";

/** The filter that finds these runs. */
function idFilter(ids: readonly string[]): string {
  return `id in (${ids.map((id) => JSON.stringify(id)).join(", ")})`;
}

/** The rows of runs with values of some columns, at most `limit` of each project. */
export function rowsOfRunsQuery(
  own: ProjectRef,
  runs: readonly string[],
  columns: readonly string[],
  limit: number,
) {
  const rowsOf = (ref: ProjectRef, ids: readonly string[]) => {
    const request = { filter: idFilter(ids), search: "", isRegex: false, order: [], columns };
    return rowsQuery(ref, request, null, 0, limit);
  };
  const ofOne = rowsOf(own, runs);
  if (!runs.some(isRunKey)) return ofOne;
  const joined = queryOptions({
    queryKey: [...runsKey(own), "of projects", runs.join(","), columns, limit] as const,
    queryFn: async ({ client }): Promise<RowsPage> => {
      const pages = await askProjects(own, runs, async ({ ref, ids, keyOf }) => {
        const { rows, total } = await client.fetchQuery(rowsOf(ref, ids));
        return { rows: rows.map((row) => ({ ...row, id: keyOf(row.id) })), total };
      });
      return {
        rows: pages.flatMap(({ rows }) => rows),
        total: pages.reduce((sum, { total }) => sum + total, 0),
      };
    },
    gcTime: ofOne.gcTime,
  });
  return joined as unknown as typeof ofOne;
}
