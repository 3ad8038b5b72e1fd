/**
 * Actions on rows of runs, the same in the list and in the table: by keys, clicks and boxes. No DOM.
 *
 * Its methods are handlers of memoised rows: they never change, and read what the page shows by then.
 */

import { useLayoutEffect, useState } from "react";
import type { RunGroup } from "@/api/runs/groups";
import type { RunRow } from "@/api/runs/run-rows";
import type { ProjectRef } from "@/api/types";
import { RowEyes } from "@/data/runs/row-eyes";
import { groupId, type View } from "@/data/view/view";
import type { SetView } from "../view/held-view";
import type { NamedRun } from "./actions/run-actions";
import {
  runOfRow,
  selectedIds,
  selectGroup,
  selectRun,
  selectUpTo,
  setEditing,
  toggleRun,
} from "./actions/run-selection";
import type { Runs } from "./use-runs";

/** The rows that the page shows now, and its actions outside of them. */
export interface RowsSeen {
  readonly project: ProjectRef;
  readonly runs: Runs;
  /** Whether runs may be edited. */
  readonly mayWrite: boolean;
  readonly setView: SetView;
  nSelectedIn(group: Pick<RunGroup, "values">): number;
  readView(): View;
  openRun(run: RunRow): void;
  turnStar(run: NamedRun): void;
  selectAll(): void;
}

/** The part of a key event that is read. */
export type PressedKey = Pick<KeyboardEvent, "key" | "shiftKey" | "ctrlKey" | "metaKey">;

export class RowModel<Seen extends RowsSeen> {
  protected seen: Seen;

  constructor(seen: Seen) {
    this.seen = seen;
  }

  /** Each render tells what it shows. */
  see(seen: Seen): void {
    this.seen = seen;
  }

  protected runOf(index: number): RunRow | null {
    return runOfRow(this.seen.runs, index);
  }

  protected groupOf(index: number): RunGroup | null {
    const row = this.seen.runs.rowAt(index);
    return row?.kind === "group" ? row.group : null;
  }

  /** Edit the selected runs together; where none are selected, this one. */
  protected editSelected(run: RunRow, row: number): void {
    if (!this.seen.mayWrite) return;
    if (selectedIds(this.seen.project).size === 0) selectRun(this.seen.project, run.id, row);
    setEditing(true);
  }

  readonly openRun = (run: RunRow): void => this.seen.openRun(run);

  readonly turnStar = (run: NamedRun): void => {
    if (this.seen.mayWrite) this.seen.turnStar(run);
  };

  readonly toggleEye = (index: number): void => {
    const { runs, readView, setView } = this.seen;
    const row = runs.rowAt(index);
    const part = row && new RowEyes(readView(), runs).toggled(row, this.runOf(index)?.id ?? null);
    if (part) setView(part);
  };

  /** Opens or closes a group. */
  readonly fold = (index: number): void => {
    const row = this.seen.runs.rowAt(index);
    if (row?.kind !== "group") return;
    const id = groupId(row.group.values);
    const { runs, setView } = this.seen;
    setView(({ openGroups }) => {
      const others = (openGroups ?? runs.openAtFirst).filter((openId) => openId !== id);
      return { openGroups: row.isOpen ? others : [...others, id] };
    });
  };

  /** @param isRange all from the run that was clicked before */
  readonly select = (run: RunRow, index: number, isRange: boolean): void => {
    const { project, runs } = this.seen;
    if (isRange) void selectUpTo(project, runs, index);
    else toggleRun(project, run.id, index);
  };

  readonly selectGroup = ({ values }: RunGroup, isOn: boolean): void => {
    void selectGroup(this.seen.project, this.seen.runs, values, isOn);
  };

  /** Shift and arrows: selects from one row to another. */
  protected extend(from: number, to: number): void {
    const { project, runs } = this.seen;
    const run = this.runOf(from);
    if (run && !selectedIds(project).has(run.id)) selectRun(project, run.id, from);
    void selectUpTo(project, runs, to);
  }
}

/** The one model of a component, which sees what each render shows. */
export function useModel<Seen, Model extends { see(seen: Seen): void }>(
  Kind: new (seen: Seen) => Model,
  seen: Seen,
): Model {
  const [model] = useState(() => new Kind(seen));
  useLayoutEffect(() => model.see(seen));
  return model;
}
