/**
 * Runs that are selected for doing something with them: of one project at a time, in the list and the table alike.
 */

import { useRef } from "react";
import { create } from "zustand";
import { askIds, type RunRow } from "@/api/runs/run-rows";
import type { ProjectRef } from "@/api/types";
import { selectedRuns } from "@/charts/shared-state";
import { useAwaited } from "@/ui/hooks/use-awaited";
import type { Runs } from "../use-runs";

/** The run that Shift extends from, and the row where it was. */
interface Anchor {
  readonly id: string;
  readonly row: number;
}

interface SelectionState {
  readonly project: string;
  readonly ids: ReadonlySet<string>;
  readonly anchor: Anchor | null;
  /** Whether the dialog that edits them is open. */
  readonly isEditing: boolean;
}

/** Rows around its own within which a run is searched after new ones have moved it. */
const MOVED_ROWS = 200;

/** Number of selected runs that can be asked about at once while one selects: more ids make no sensible filter. */
export const MOST_SELECTED = 5_000;

const NOTHING: ReadonlySet<string> = new Set();

const useSelection = create<SelectionState>(() => ({
  project: "",
  ids: NOTHING,
  anchor: null,
  isEditing: false,
}));

useSelection.subscribe(({ ids }) => selectedRuns.set(ids));

function nameOf({ entity, project }: ProjectRef): string {
  return `${entity}/${project}`;
}

/** The ids that are selected in a project. */
export function useSelectedIds(project: ProjectRef): ReadonlySet<string> {
  return useSelection((state) => (state.project === nameOf(project) ? state.ids : NOTHING));
}

/** Whether one run is selected; renders only when that changes. */
export function useIsSelected(project: ProjectRef, id: string): boolean {
  return useSelection((state) => state.project === nameOf(project) && state.ids.has(id));
}

/** The ids that are selected now, for handlers. */
export function selectedIds(project: ProjectRef): ReadonlySet<string> {
  const { project: of, ids } = useSelection.getState();
  return of === nameOf(project) ? ids : NOTHING;
}

/** Counts how often all was let go: what was asked for before comes too late to be selected. */
let nClears = 0;

function putSelected(project: ProjectRef, ids: Iterable<string>, anchor: Anchor | null): void {
  useSelection.setState({ project: nameOf(project), ids: new Set(ids), anchor });
}

/** Select one run and no other; Shift extends from its row. */
export function selectRun(project: ProjectRef, id: string, row: number): void {
  nClears += 1;
  putSelected(project, [id], { id, row });
}

export function clearSelection(): void {
  nClears += 1;
  useSelection.setState({ ids: NOTHING, anchor: null, isEditing: false });
}

/** Open or close the dialog that edits the selected runs. */
export function setEditing(isEditing: boolean): void {
  useSelection.setState({ isEditing });
}

export function useIsEditing(): boolean {
  return useSelection((state) => state.isEditing);
}

/** The server's answer, unless the selection was cleared, or another project's runs are selected, meanwhile. */
async function unlessCleared<T>(project: ProjectRef, answer: Promise<T>): Promise<T | null> {
  const [n, of] = [nClears, useSelection.getState().project];
  const answered = await answer;
  const now = useSelection.getState().project;
  return nClears === n && (now === of || now === nameOf(project)) ? answered : null;
}

/** Select a run, or take it out of the selection. `row`: where it is, for Shift. */
export function toggleRun(project: ProjectRef, id: string, row: number | null): void {
  const ids = new Set(selectedIds(project));
  if (!ids.delete(id)) ids.add(id);
  putSelected(project, ids, row === null ? null : { id, row });
}

/** The row where Shift extends from by now: new runs may have moved the run. Null: there is no such row any more. */
function rowOf({ id, row }: Anchor, runs: Runs): number | null {
  if (row >= runs.nRows) return null;
  const now = runOfRow(runs, row);
  if (now && now.id !== id)
    for (let away = 1; away <= MOVED_ROWS; away++)
      for (const nearby of [row + away, row - away])
        if (nearby >= 0 && nearby < runs.nRows && runOfRow(runs, nearby)?.id === id) return nearby;
  return row;
}

/** Select some runs besides, or take them out: those of a group. */
function setSelected(project: ProjectRef, runIds: readonly string[], isOn: boolean): void {
  const ids = new Set(selectedIds(project));
  for (const id of runIds) {
    if (isOn) ids.add(id);
    else ids.delete(id);
  }
  putSelected(project, ids, null);
}

/** Select all runs from the one that was clicked last to this row, as Shift does. */
export async function selectUpTo(project: ProjectRef, runs: Runs, row: number): Promise<void> {
  const { anchor } = useSelection.getState();
  const from = (anchor && rowOf(anchor, runs)) ?? row;
  const between = idsBetween(project, runs, Math.min(from, row), Math.max(from, row));
  const idsInRange = await unlessCleared(project, between);
  if (!idsInRange) return;
  const first = runOfRow(runs, from);
  const next = first ? { id: first.id, row: from } : anchor;
  putSelected(project, [...selectedIds(project), ...idsInRange], next);
}

/** The run of a row as the page shows it; null: a group's, or it is not here. */
export function runOfRow(runs: Runs, index: number): RunRow | null {
  const row = runs.rowAt(index);
  return row?.kind === "run" ? runs.runAt(row) : null;
}

/** Ids of all runs in some rows, asked for where they are not here. */
async function idsBetween(project: ProjectRef, runs: Runs, first: number, last: number): Promise<string[]> {
  const ids: string[] = [];
  for (let i = first; i <= last; i++) {
    const row = runs.rowAt(i);
    if (row?.kind !== "run") continue;
    const run = runs.runAt(row);
    if (run) {
      ids.push(run.id);
      continue;
    }
    // not here: all at once up to the end of its list
    let n = 1;
    for (let next = runs.rowAt(i + n); i + n <= last && next?.kind === "run" && next.under === row.under; ) {
      n += 1;
      next = runs.rowAt(i + n);
    }
    const under = row.under && { by: runs.request.by, values: row.under };
    ids.push(...(await askIds(project, runs.request, under, row.index, n)));
    i += n - 1;
  }
  return ids;
}

/** Selects all runs that the list has, also those that are not here; of a new question once its runs are known. */
export function useSelectAll(project: ProjectRef, runs: Runs): () => void {
  const nBefore = useRef(nClears);
  const select = useAwaited(!runs.isPending && !runs.isOld, async () => {
    if (nClears !== nBefore.current) return;
    const all = askIds(project, runs.request, null, 0, Number.POSITIVE_INFINITY);
    const allIds = await unlessCleared(project, all);
    if (allIds) putSelected(project, allIds, null);
  });
  return () => {
    nBefore.current = nClears;
    select();
  };
}

/** Of the selected runs leave only some selected, once they are known. */
export async function keepSelected(project: ProjectRef, answer: Promise<readonly string[]>): Promise<void> {
  const ids = await unlessCleared(project, answer);
  if (ids) putSelected(project, ids, null);
}

/** Select all runs of a group, or take them out. */
export async function selectGroup(
  project: ProjectRef,
  runs: Runs,
  values: readonly unknown[],
  isOn: boolean,
): Promise<void> {
  const under = { by: runs.request.by, values };
  const all = askIds(project, runs.request, under, 0, Number.POSITIVE_INFINITY);
  const idsInGroup = await unlessCleared(project, all);
  if (idsInGroup) setSelected(project, idsInGroup, isOn);
}
