/** The groups of a shared view's charts, and the colors that its runs have by them. */

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useGroupColors } from "@/api/colors/use-group-colors";
import { useOptionalQuery } from "@/api/optional-query";
import { groupsQuery } from "@/api/runs/groups";
import { rowsQuery } from "@/api/runs/run-rows";
import { MOST_DRAWN } from "@/api/shares";
import type { ProjectRef } from "@/api/types";
import { coloringColumns, colorOfRun, type GroupColors, groupOfRun } from "@/data/runs/color";
import { CHART_RUNS } from "@/data/runs/shown-runs";
import { groupId } from "@/data/view/view";
import { groupFiguresOf } from "../runs/keys/group-figures";
import { useView } from "../view/view-store";
import { orderOf } from "./shown-columns";

const ALL = { filter: "", search: "", isRegex: false };
/** Of the outermost ones, which are in the order of the view. */
const LISTED_GROUPS = 500;
const NONE: readonly string[] = [];

/** A run as far as charts draw it. */
interface ChartRun {
  readonly id: string;
  readonly name: string;
  readonly state: string;
  readonly color: number;
  readonly tags: readonly string[];
}

export interface SharedGroups {
  /** The runs whose groups charts draw, more of them than a table lists; null: on their way, or neither grouped nor colored. */
  readonly runs: readonly ChartRun[] | null;
  readonly isPending: boolean;
  readonly groupBy: readonly string[];
  readonly groups: readonly string[];
  readonly groupColors: GroupColors;
}

/** The groups of a share of several runs. */
export function useSharedGroups(project: ProjectRef): SharedGroups {
  const groupBy = useView((view) => view.groupBy);
  const colorBy = useView((view) => view.colorBy);
  const order = useView(orderOf);
  const coloring = useMemo(() => coloringColumns(colorBy, groupBy), [colorBy, groupBy]);
  const request = useMemo(() => ({ ...ALL, order, columns: coloring }), [order, coloring]);
  const isColored = coloring.length > 0;
  const most = groupBy.length > 0 ? CHART_RUNS : MOST_DRAWN;
  const answer = useOptionalQuery(isColored ? rowsQuery(project, request, null, 0, most) : null);
  const rows = answer?.data?.rows;
  const listed = useQuery({
    ...groupsQuery(
      project,
      { ...ALL, by: groupBy, ...groupFiguresOf(groupBy, order, NONE) },
      [],
      LISTED_GROUPS,
    ),
    enabled: groupBy.length > 0,
    placeholderData: keepPreviousData,
  }).data?.groups;
  const groups = useMemo(() => (listed ?? []).map(({ values }) => groupId(values)), [listed]);
  const drawn = useMemo(
    () => [...new Set((rows ?? []).map((row) => groupOfRun(row, coloring)))],
    [rows, coloring],
  );
  const groupColors = useGroupColors(project, isColored ? coloring : null, drawn);
  const runs = useMemo(
    () => rows?.map((row) => ({ ...row, color: colorOfRun(row, coloring, groupColors) })) ?? null,
    [rows, coloring, groupColors],
  );
  return { runs, isPending: answer?.isPending === true, groupBy, groups, groupColors };
}
