/** Number of selected runs in each outermost group: closed groups have none of their runs here. */

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { groupsQuery, type RunGroup } from "@/api/runs/groups";
import type { ProjectRef } from "@/api/types";
import { filterText } from "@/data/filter/tree";
import { groupId } from "@/data/view/view";
import type { Runs } from "../runs/use-runs";

/** More ids make no filter of a sensible length. */
const MOST_SELECTED = 5_000;
const GROUPS_AT_MOST = 500;

export function useSelectedInGroups(
  project: ProjectRef,
  runs: Runs,
  selected: ReadonlySet<string>,
): (group: RunGroup) => number {
  const { by } = runs.request;
  const isAsked = by.length > 0 && selected.size > 0 && selected.size <= MOST_SELECTED;
  const filter = useMemo(
    () => (isAsked ? filterText({ column: "id", op: "in", value: [...selected] }) : ""),
    [isAsked, selected],
  );
  const query = useQuery({
    ...groupsQuery(
      project,
      { filter, search: "", isRegex: false, by, aggregates: [], groupOrder: [] },
      [],
      GROUPS_AT_MOST,
    ),
    enabled: isAsked,
    placeholderData: keepPreviousData,
  });
  const nByGroup = useMemo(
    () => new Map(query.data?.groups.map((group) => [groupId(group.values), group.nRuns])),
    [query.data],
  );
  return (group) => (isAsked ? (nByGroup.get(groupId(group.values)) ?? 0) : 0);
}
