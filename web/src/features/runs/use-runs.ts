/**
 * The runs of a page's view, as rows: windowed, in groups, with figures of each group.
 *
 * Only pages of rows that are in view are asked for, so 100,000 runs cost what a screen of them does. While
 * a new question is on its way, the rows of the one before stay.
 */

import { useMemo, useState } from "react";
import type { RunGroup } from "@/api/runs/groups";
import type { RunSet } from "@/api/runs/run-requests";
import type { RunRow } from "@/api/runs/run-rows";
import type { ProjectRef } from "@/api/types";
import { allOf } from "@/data/filter/tree";
import { coloringColumns } from "@/data/runs/color";
import { LOCK_COLUMNS } from "@/data/view/view";
import { useSettled } from "@/ui/hooks/use-settled";
import { useStable } from "@/ui/hooks/use-stable";
import { useView } from "../view/view-store";
import { groupFiguresOf } from "./keys/group-figures";
import type { RunsListRow, RunsRequest } from "./rows/runs-request";
import { useGroupLimits, useGroups } from "./rows/use-groups";
import { areMoved, useHold, useRowReader } from "./rows/use-held-rows";
import { useListHead, useRunning } from "./rows/use-list-head";
import { useRange, useRowPages } from "./rows/use-row-pages";
import { type RunColors, useColors } from "./use-colors";

const NO_ROWS: readonly RunRow[] = [];

export interface Runs extends RunColors {
  /** The request of the rows: the one before, while a new one is on its way. */
  readonly request: RunsRequest;
  /** Rows in all: runs, and groups where there are some. */
  readonly nRows: number;
  rowAt(index: number): RunsListRow | null;
  /** The run of a row; null: on its way. */
  runAt(row: RunsListRow & { kind: "run" }): RunRow | null;
  /** The row of a group; null: not in sight. */
  indexOfGroup(values: readonly unknown[]): number | null;
  /** Groups that are open until one is opened or closed. */
  readonly openAtFirst: readonly string[];
  /** Outermost groups, as far as they are listed; none without groups. */
  readonly groups: readonly RunGroup[];
  /** Groups of all levels as far as they are listed, those inside one in the order of the list. */
  readonly listedGroups: readonly RunGroup[];
  readonly nGroups: number;
  /** The first runs of a list without groups. */
  readonly firstPage: readonly RunRow[];
  /** Runs of a list without groups that are shown by default because they run; null: not known yet. */
  readonly running: ReadonlySet<string> | null;
  /** Runs that match, in groups or not. */
  readonly total: number;
  readonly isPending: boolean;
  /** A new question is on its way, or about to be asked. */
  readonly isOld: boolean;
  /** Of the question that was asked last. */
  readonly error: Error | null;
  /** Runs that have come since rows are held in their places. */
  readonly nWaiting: number;
  /** Rows are held in places that they have no longer, as far as they are known. */
  readonly hasMoved: boolean;
  /** Keep rows in their places, as under the pointer: values go on changing, the order does not. Stable. */
  onHold(isHeld: boolean): void;
  /** The rows in view. Stable. */
  onRange(first: number, last: number): void;
  /** List more groups of a level. Stable. */
  showMore(under: readonly unknown[]): void;
  retry(): void;
}

/** The runs of the view; the search as typed a moment ago. */
function useRunSet(): RunSet {
  const filter = useView((view) => allOf(view.filter, view.passingFilter));
  const search = useSettled(useView((view) => view.runSearch));
  const isRegex = useView((view) => view.isRunRegex) && search !== "";
  return useMemo(() => ({ filter, search, isRegex }), [filter, search, isRegex]);
}

/** The request of the view's list. */
function useRunsRequest(set: RunSet, columns: readonly string[]): RunsRequest {
  const order = useView((view) => view.order);
  const by = useView((view) => view.groupBy);
  const colorBy = useView((view) => view.colorBy);
  return useMemo(
    () => ({
      ...set,
      order,
      // rows are coloured by their values
      columns: [...new Set([...columns, ...coloringColumns(colorBy, by)])],
      by,
      // rows show an icon of their lock, groups show nothing
      ...groupFiguresOf(
        by,
        order,
        columns.filter((column) => !LOCK_COLUMNS.includes(column)),
      ),
    }),
    [set, order, columns, colorBy, by],
  );
}

/**
 * The runs that the view lists.
 *
 * @param columns whose values the rows have, and groups figures of; the same array while nothing changes
 */
export function useRuns(project: ProjectRef, columns: readonly string[]): Runs {
  const set = useRunSet();
  const isTyped = useView((view) => view.runSearch !== set.search);
  const openGroups = useView((view) => view.openGroups);
  const nextRequest = useRunsRequest(set, columns);
  const { limitOf, showMore } = useGroupLimits();

  const next = useListHead(project, nextRequest, limitOf([]));
  const [answered, setAnswered] = useState(nextRequest);
  const isThere = next.data !== undefined;
  if (isThere && answered !== nextRequest) setAnswered(nextRequest);
  const request = isThere ? nextRequest : answered;
  const head = useListHead(project, request, limitOf([]));
  const running = useRunning(project, request);

  const { data, total } = head;
  const { sequence, ...groups } = useGroups(project, request, data, total, openGroups, limitOf);
  const [hold, setHold] = useHold({ request, openGroups, total });
  const rows = hold?.sequence ?? sequence;
  const { range, onRange } = useRange();
  const firstPage = data && "rows" in data ? data.rows : NO_ROWS;
  const pages = useRowPages(project, request, rows, range, firstPage);
  const { rowAt, runAt } = useRowReader(hold, { sequence, pages });
  const onHold = useStable((isHeld: boolean) => {
    if (isHeld !== (hold !== null)) setHold(isHeld ? { request, openGroups, total, sequence, pages } : null);
  });
  const colors = useColors(project, groups.groups, request);
  return {
    ...colors,
    ...groups,
    request,
    nRows: rows.n,
    rowAt,
    runAt,
    indexOfGroup: rows.indexOfGroup,
    firstPage,
    running,
    total,
    isPending: head.isPending,
    isOld: isTyped || (request !== nextRequest && !next.error),
    error: next.error,
    nWaiting: hold && request.by.length === 0 ? Math.max(0, sequence.n - rows.n) : 0,
    hasMoved: hold !== null && areMoved(hold, { sequence, pages }, range),
    onHold,
    onRange,
    showMore,
    retry: next.retry,
  };
}
