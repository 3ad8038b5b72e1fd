/**
 * Rows that are held in their places, as under the pointer: values go on changing, the order does not.
 */

import { useMemo, useState } from "react";
import type { RunGroup } from "@/api/runs/groups";
import type { RunRow } from "@/api/runs/run-rows";
import type { RowSequence } from "@/data/runs/run-rows";
import type { RunsListRow, RunsRequest } from "./runs-request";
import { type Pages, runOfPage } from "./use-row-pages";

/** The rows of a list: their sequence, and the pages of runs that are known. */
export interface ListRows {
  readonly sequence: RowSequence<RunGroup>;
  readonly pages: Pages;
}

/** The request, groups and runs that a hold is for: with another request or other open groups, or with fewer runs, it ends. */
export interface HoldScope {
  readonly request: RunsRequest;
  readonly openGroups: readonly string[] | null;
  readonly total: number;
}

/** Rows as they were when they began to be held. */
type Hold = HoldScope & ListRows;

/** The rows that are held, and a function that holds others; null: none. */
export function useHold(scope: HoldScope): readonly [Hold | null, (hold: Hold | null) => void] {
  const [hold, setHold] = useState<Hold | null>(null);
  const isOfScope =
    hold?.request === scope.request && hold.openGroups === scope.openGroups && hold.total <= scope.total;
  return [isOfScope ? hold : null, setHold];
}

/** Reads rows in the places in which they are held, with their present values. */
export function useRowReader(hold: Hold | null, current: ListRows) {
  const heldPages = hold?.pages;
  const { sequence, pages } = current;
  const presentRuns = useMemo(
    () => new Map(heldPages && [...pages.values()].flatMap((rows) => rows ?? []).map((run) => [run.id, run])),
    [heldPages, pages],
  );
  const rowAt = (index: number): RunsListRow | null => {
    const row = (hold?.sequence ?? sequence).at(index);
    if (!hold || row?.kind !== "group") return row;
    const groupIndex = sequence.indexOfGroup(row.group.values);
    const present = groupIndex === null ? null : sequence.at(groupIndex);
    return present?.kind === "group" ? { ...row, group: present.group } : row;
  };
  const runAt = (row: RunsListRow & { kind: "run" }): RunRow | null => {
    const run = heldPages && runOfPage(heldPages, row);
    return run ? (presentRuns.get(run.id) ?? run) : runOfPage(pages, row);
  };
  return { rowAt, runAt };
}

/** Whether a row of a range has come to another place, as far as rows are known. */
export function areMoved(before: ListRows, now: ListRows, [first, last]: readonly [number, number]): boolean {
  for (let i = first; i <= last; i++) {
    const [was, is] = [keyOfRow(before, i), keyOfRow(now, i)];
    if (was !== null && is !== null && was !== is) return true;
  }
  return false;
}

/** Null: it is on its way. */
function keyOfRow({ sequence, pages }: ListRows, index: number): string | null {
  const row = sequence.at(index);
  if (row?.kind === "group") return JSON.stringify(row.group.values);
  return (row?.kind === "run" && runOfPage(pages, row)?.id) || null;
}
