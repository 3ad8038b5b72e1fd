/** The workspace's runs: listed, shown, and asked for. */

import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import type { RunGroup } from "@/api/runs/groups";
import { ALL_RUNS, RUNNING_RUNS } from "@/api/runs/run-requests";
import { countQuery } from "@/api/runs/run-rows";
import type { ProjectRef } from "@/api/types";
import { allOf } from "@/data/filter/tree";
import { groupId } from "@/data/view/view";
import { useCountsInGroups } from "../runs/rows/use-counts-in-groups";
import { type Runs, useRuns } from "../runs/use-runs";
import { type ShownRuns, useShownRuns } from "../runs/use-shown-runs";
import { useView } from "../view/view-store";
import { useListedColumns } from "./pinned/pinned-columns";

/** Groups whose shown runs are counted. */
const COUNTED_GROUPS = 500;

export interface WorkspaceRuns extends ShownRuns {
  readonly runs: Runs;
  /** Shown runs of a group, where it is not all or none of them; null: as its eye says. */
  shownOf(values: readonly unknown[]): number | null;
  /** Of the whole project, whatever is listed; undefined: not known yet. */
  readonly nInProject: number | undefined;
  readonly nRunning: number;
}

/** The runs that the view lists, and those of them that it shows. */
export function useWorkspaceRuns(project: ProjectRef): WorkspaceRuns {
  const columns = useListedColumns();
  const selection = useView((view) => view.selection);
  const runs = useRuns(project, columns);
  const shown = useShownRuns(project, runs);
  const { request } = runs;
  const isGrouped = request.by.length > 0;
  const isMixed =
    isGrouped &&
    (selection.on.length + selection.off.length > 0 || request.by.length > 1) &&
    shown.filter !== null;
  const { listedGroups } = runs;
  const levels = useMemo(() => levelsOf(listedGroups), [listedGroups]);
  const set = { ...request, filter: allOf(request.filter, shown.filter ?? "") };
  const shownInGroup = useCountsInGroups(project, set, request.by, isMixed ? levels : [], COUNTED_GROUPS);
  const all = useQuery(countQuery(project, ALL_RUNS));
  const running = useQuery(countQuery(project, RUNNING_RUNS));
  return {
    runs,
    ...shown,
    shownOf: (values) => shownInGroup.get(groupId(values)) ?? null,
    nInProject: all.data,
    nRunning: running.data ?? 0,
  };
}

/** The groups whose groups are listed; `[]`: the outermost are. */
function levelsOf(groups: readonly RunGroup[]): readonly (readonly unknown[])[] {
  const under = groups.map(({ values }) => values.slice(0, -1));
  return [...new Map(under.map((values) => [groupId(values), values])).values()];
}
