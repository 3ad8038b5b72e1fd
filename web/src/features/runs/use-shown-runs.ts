import { type QueryState, useQuery, useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";
import { type RowsPage, type RunRow, rowsQuery } from "@/api/runs/run-rows";
import type { ProjectRef } from "@/api/types";
import { allOf } from "@/data/filter/tree";
import { coloringColumns } from "@/data/runs/color";
import { CHART_RUNS, type FirstOfList, shownAmong, shownFilter } from "@/data/runs/shown-runs";
import { useView } from "../view/view-store";
import type { Runs } from "./use-runs";

const NO_RUNS: readonly RunRow[] = [];
const NO_IDS: ReadonlySet<string> = new Set();

export interface ShownRuns {
  /** Those that panels draw, in the order of the list. */
  readonly drawn: readonly RunRow[];
  /** All that are shown, also those that are not drawn. */
  readonly nShown: number;
  /** The number of shown runs is known. */
  readonly isCounted: boolean;
  /** The shown runs are known, and no newer answer is on its way. */
  readonly isSettled: boolean;
  /** Holds for shown runs, to be joined with the list's filter; null: no run is shown. */
  readonly filter: string | null;
}

function isNewest(state: QueryState | undefined): boolean {
  return state?.fetchStatus === "idle" && !state.isInvalidated;
}

export function useShownRuns(project: ProjectRef, runs: Runs): ShownRuns {
  const selection = useView((view) => view.selection);
  const hiddenGroups = useView((view) => view.hiddenGroups);
  const shownGroups = useView((view) => view.shownGroups);
  const colorBy = useView((view) => view.colorBy);
  const { request, groups, firstPage, running } = runs;
  const isGrouped = request.by.length > 0;
  const filter = useMemo(() => {
    const list: FirstOfList = isGrouped
      ? { by: request.by, groups: groups.map(({ values }) => values) }
      : { by: [], ids: firstPage.map(({ id }) => id), running: running ?? NO_IDS };
    return shownFilter({ selection, hiddenGroups, shownGroups }, list);
  }, [isGrouped, request.by, groups, firstPage, running, selection, hiddenGroups, shownGroups]);
  const valued = useMemo(() => coloringColumns(colorBy, request.by), [colorBy, request.by]);
  const isKnown = runs.total > 0 && (running !== null || selection.base !== "newest");
  const hasShown = isKnown && filter !== null;
  // The firstPage page of the list often holds all shown runs: their charts need not wait for another answer.
  const listed = useMemo((): RowsPage | undefined => {
    const rows = isGrouped ? null : shownAmong(firstPage, runs.total, running ?? NO_IDS, selection);
    return rows === null ? undefined : { rows, total: rows.length };
  }, [isGrouped, firstPage, runs.total, running, selection]);
  const client = useQueryClient();
  const firstPageKey = rowsQuery(project, request, null, 0).queryKey;
  const shown = useQuery({
    ...rowsQuery(
      project,
      { ...request, filter: allOf(request.filter, filter ?? ""), columns: valued },
      null,
      0,
      CHART_RUNS,
    ),
    enabled: hasShown,
    // read with the list, and as new as it is
    initialData: () => (hasShown && isNewest(client.getQueryState(firstPageKey)) ? listed : undefined),
    placeholderData: (previous) => previous ?? listed,
  });
  const isCounted = isKnown && (filter === null || shown.data !== undefined);
  const isOld = runs.isOld || (hasShown && shown.isPlaceholderData);
  return {
    drawn: hasShown ? (shown.data?.rows ?? NO_RUNS) : NO_RUNS,
    // an answer of its own, which may count runs that have come since the list's
    nShown: hasShown ? Math.min(shown.data?.total ?? 0, runs.total) : 0,
    isCounted,
    isSettled: !isOld && (isCounted || (!runs.isPending && runs.total === 0)),
    filter,
  };
}
