/**
 * Runs that are selected for doing something with them: of one project at a time, in the list and the table alike.
 */

import { create } from "zustand";
import { askIds } from "@/api/run-rows";
import type { ProjectRef } from "@/api/types";
import type { Runs } from "./use-runs";

interface SelectionState {
  readonly project: string;
  readonly ids: ReadonlySet<string>;
  /** The row that Shift extends from. */
  readonly anchor: number | null;
}

const NOTHING: ReadonlySet<string> = new Set();

const useSelection = create<SelectionState>(() => ({ project: "", ids: NOTHING, anchor: null }));

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

/** Select exactly these. */
export function selectRuns(project: ProjectRef, ids: Iterable<string>, anchor: number | null = null): void {
  useSelection.setState({ project: nameOf(project), ids: new Set(ids), anchor });
}

export function clearSelection(): void {
  useSelection.setState({ ids: NOTHING, anchor: null });
}

/** Select a run, or take it out of the selection. `row`: where it is, for Shift. */
export function toggleRun(project: ProjectRef, id: string, row: number | null): void {
  const ids = new Set(selectedIds(project));
  if (!ids.delete(id)) ids.add(id);
  selectRuns(project, ids, row);
}

/** Select some runs besides, or take them out: those of a group. */
function setSelected(project: ProjectRef, some: readonly string[], isOn: boolean): void {
  const ids = new Set(selectedIds(project));
  for (const id of some) {
    if (isOn) ids.add(id);
    else ids.delete(id);
  }
  selectRuns(project, ids);
}

/** Select all runs from the one that was clicked last to this row, as Shift does. */
export async function selectUpTo(project: ProjectRef, runs: Runs, row: number): Promise<void> {
  const { anchor } = useSelection.getState();
  const from = anchor === null || anchor >= runs.nRows ? row : anchor;
  const between = await idsBetween(project, runs, Math.min(from, row), Math.max(from, row));
  selectRuns(project, [...selectedIds(project), ...between], from);
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
    const under = row.under && { by: runs.asked.by, values: row.under };
    ids.push(...(await askIds(project, runs.asked, under, row.index, n)));
    i += n - 1;
  }
  return ids;
}

/** Select all runs that the list has, also those that are not here. */
export async function selectAll(project: ProjectRef, runs: Runs): Promise<void> {
  selectRuns(project, await askIds(project, runs.asked, null, 0, runs.total));
}

/** Select all runs of a group, or take them out. */
export async function selectGroup(
  project: ProjectRef,
  runs: Runs,
  values: readonly unknown[],
  nRuns: number,
  isOn: boolean,
): Promise<void> {
  const under = { by: runs.asked.by, values };
  setSelected(project, await askIds(project, runs.asked, under, 0, nRuns), isOn);
}
