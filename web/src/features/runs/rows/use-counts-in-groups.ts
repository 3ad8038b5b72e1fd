/** Numbers of runs in each group of a list. */

import { keepPreviousData, useQueries } from "@tanstack/react-query";
import { type GroupsPage, groupsQuery } from "@/api/runs/groups";
import type { RunSet } from "@/api/runs/run-requests";
import type { ProjectRef } from "@/api/types";
import { groupId } from "@/data/view/view";

/**
 * By `groupId`; the same map while nothing changes.
 *
 * @param set the runs that are counted
 * @param levels the groups whose groups are asked for; `[]`: the outermost
 */
export function useCountsInGroups(
  project: ProjectRef,
  set: RunSet,
  by: readonly string[],
  levels: readonly (readonly unknown[])[],
  limit: number,
): ReadonlyMap<string, number> {
  const { filter, search, isRegex } = set;
  const request = { filter, search, isRegex, by, aggregates: [], groupOrder: [] };
  return useQueries({
    queries: levels.map((under) => ({
      ...groupsQuery(project, request, under, limit),
      placeholderData: keepPreviousData,
    })),
    combine: countsOf,
  });
}

function countsOf(answers: readonly { readonly data?: GroupsPage }[]): ReadonlyMap<string, number> {
  return new Map(
    answers.flatMap(({ data }) => data?.groups.map(({ values, nRuns }) => [groupId(values), nRuns]) ?? []),
  );
}
