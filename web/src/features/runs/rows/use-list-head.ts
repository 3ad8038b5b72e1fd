/**
 * The beginning of a list of runs: its first page, or its outermost groups, with the number of runs in all.
 */

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useOptionalQuery } from "@/api/optional-query";
import { type GroupsPage, groupsQuery } from "@/api/runs/groups";
import { countQuery, type RowsPage, rowsQuery, runningQuery } from "@/api/runs/run-rows";
import type { ProjectRef } from "@/api/types";
import { FIRST_SHOWN } from "@/data/runs/shown-runs";
import type { RunsRequest } from "./runs-request";

export interface ListHead {
  readonly data: RowsPage | GroupsPage | undefined;
  readonly total: number;
  readonly isPending: boolean;
  readonly error: Error | null;
  retry(): void;
}

/** @param limit of the outermost groups */
export function useListHead(project: ProjectRef, request: RunsRequest, limit: number): ListHead {
  const isGrouped = request.by.length > 0;
  const rows = useQuery({ ...rowsQuery(project, request, null, 0), enabled: !isGrouped });
  const groups = useQuery({
    ...groupsQuery(project, request, [], limit),
    enabled: isGrouped,
    // of the same question only the limit changes under one's eyes
    placeholderData: (before, query) =>
      query && isSameQuestion(query.queryKey, groupsQuery(project, request, [], limit).queryKey)
        ? before
        : undefined,
  });
  // groups do not say how many runs are in them all: until both are known, the runs before them stay
  const count = useOptionalQuery(isGrouped ? countQuery(project, request) : null);
  const parts = count ? [groups, count] : [rows];
  const isThere = parts.every(({ data }) => data !== undefined);
  const error = parts.find((part) => part.error)?.error ?? null;
  return {
    data: isThere ? (isGrouped ? groups.data : rows.data) : undefined,
    total: (count ? count.data : rows.data?.total) ?? 0,
    isPending: !isThere && error === null,
    error,
    retry: () => {
      for (const { refetch } of parts) void refetch();
    },
  };
}

function isSameQuestion(a: readonly unknown[], b: readonly unknown[]): boolean {
  return JSON.stringify(a.slice(0, -1)) === JSON.stringify(b.slice(0, -1));
}

const NO_IDS: ReadonlySet<string> = new Set();

/** The runs of a list without groups that are shown by default because they run; null: not known yet. */
export function useRunning(project: ProjectRef, request: RunsRequest): ReadonlySet<string> | null {
  const isGrouped = request.by.length > 0;
  const { data, isError } = useQuery({
    ...runningQuery(project, request, FIRST_SHOWN),
    enabled: !isGrouped,
    placeholderData: keepPreviousData,
  });
  return useMemo(() => {
    if (isGrouped) return NO_IDS;
    if (data) return new Set(data);
    // without them the others can still be shown
    return isError ? NO_IDS : null;
  }, [isGrouped, data, isError]);
}
