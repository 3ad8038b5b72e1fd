/** Numbers of selected runs in the groups in sight: closed groups have none of their runs here. */

import { useMemo } from "react";
import type { ProjectRef } from "@/api/types";
import { filterText } from "@/data/filter/tree";
import type { Span } from "@/data/table/window";
import { MOST_SELECTED } from "../actions/run-selection";
import type { Runs } from "../use-runs";
import { useCountsInGroups } from "./use-counts-in-groups";

const GROUPS_AT_MOST = 500;

/**
 * By `groupId`; the same map while nothing changes.
 *
 * @param rows those in sight
 */
export function useSelectedInGroups(
  project: ProjectRef,
  runs: Runs,
  selected: ReadonlySet<string>,
  rows: Span,
): ReadonlyMap<string, number> {
  const { by } = runs.request;
  const isAsked = by.length > 0 && selected.size > 0 && selected.size <= MOST_SELECTED;
  const filter = useMemo(
    () => (isAsked ? filterText({ column: "id", op: "in", value: [...selected] }) : ""),
    [isAsked, selected],
  );
  const levels = isAsked ? levelsOf(runs, rows) : [];
  return useCountsInGroups(project, { filter, search: "", isRegex: false }, by, levels, GROUPS_AT_MOST);
}

/** The groups whose groups are in sight. */
function levelsOf(runs: Runs, rows: Span): (readonly unknown[])[] {
  const levels = new Map<string, readonly unknown[]>();
  for (let i = rows.first; i < rows.end; i++) {
    const row = runs.rowAt(i);
    if (row?.kind !== "group") continue;
    const under = row.group.values.slice(0, -1);
    levels.set(JSON.stringify(under), under);
  }
  return [...levels.values()];
}
