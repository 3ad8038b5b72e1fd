/** The rows of the tables that charts draw, of several runs at once. */

import { type UseQueryResult, useQueries } from "@tanstack/react-query";
import { fileVersion } from "@/api/files/media";
import { sharedTableQuery, type TableWindow } from "@/api/files/tables";
import type { ProjectRef } from "@/api/types";
import { type ChartEntry, drawnColumns, lackingFields } from "./drawings";

/**
 * Number of rows that the server answers at once. Whatever else is shown, so that one run more or less asks for no
 * table again.
 */
const ASKED_ROWS = 10_000;

export interface ChartRows {
  /** Of each entry; null: none, or not here yet. */
  readonly windows: readonly (TableWindow | null)[];
  /** Why there are none. */
  readonly errors: readonly (Error | null)[];
  readonly nPending: number;
  refetch(): void;
}

export function useChartRows(
  project: ProjectRef,
  entries: readonly ChartEntry[],
  enabled: boolean,
): ChartRows {
  return useQueries({
    queries: entries.map((entry) => ({
      ...sharedTableQuery(project, fileVersion(entry.item.file), {
        run: entry.run.id,
        path: entry.item.file.path,
        columns: drawnColumns(entry),
        limit: ASKED_ROWS,
      }),
      enabled: enabled && entry.item.file.state === "stored" && lackingFields(entry).length === 0,
    })),
    combine,
  });
}

function combine(answers: readonly UseQueryResult<TableWindow>[]): ChartRows {
  return {
    windows: answers.map(({ data }) => data ?? null),
    errors: answers.map(({ error }) => error),
    nPending: answers.filter(({ isLoading }) => isLoading).length,
    refetch: () => {
      for (const { error, refetch } of answers) if (error) void refetch();
    },
  };
}
