/**
 * The row of the runs list that has the keyboard, the run that is renamed, and what keys do there. No DOM.
 */

import { createStore } from "zustand";
import type { RunGroup } from "@/api/runs/groups";
import type { RunRow } from "@/api/runs/run-rows";
import { clearSelection } from "../runs/actions/run-selection";
import { type PressedKey, RowModel, type RowsSeen } from "../runs/row-model";

interface ListState {
  /** A list that has become shorter ends before it. */
  readonly current: number;
  /** The id of a run. */
  readonly renaming: string | null;
}

export interface ListSeen extends RowsSeen {
  /** Rows that a page of keys moves by. */
  pageRows(): number;
  /** Scrolls a row into view. */
  showRow(index: number): void;
  /** Gives the keys back to the list. */
  takeFocus(): void;
  openRunMenu(run: RunRow, row: number): void;
  openGroupMenu(group: RunGroup, row: number): void;
  rename(run: RunRow, name: string): void;
}

export class ListModel extends RowModel<ListSeen> {
  readonly store = createStore<ListState>(() => ({ current: 0, renaming: null }));

  /** The row that has the keyboard; -1: there are none. */
  get row(): number {
    return Math.min(this.store.getState().current, this.seen.runs.nRows - 1);
  }

  readonly setCurrent = (current: number): void => this.store.setState({ current });

  /** @param isExtending selects the runs on the way */
  go(index: number, isExtending: boolean): void {
    const next = Math.max(0, Math.min(this.seen.runs.nRows - 1, index));
    if (isExtending) this.extend(this.row, next);
    this.setCurrent(next);
    this.seen.showRow(next);
  }

  readonly beginRename = ({ id }: { readonly id: string }): void => {
    if (this.seen.mayWrite) this.store.setState({ renaming: id });
  };

  /** @param name null: it is given up */
  readonly endRename = (run: RunRow, name: string | null): void => {
    this.store.setState({ renaming: null });
    if (name !== null) this.seen.rename(run, name);
    this.seen.takeFocus();
  };

  /** Does what a key does; false: nothing here. */
  press(pressed: PressedKey): boolean {
    const act = this.#actOf(pressed);
    act?.();
    return act !== undefined;
  }

  #actOf({ key, shiftKey, ctrlKey, metaKey }: PressedKey): (() => void) | undefined {
    const { runs, pageRows, selectAll } = this.seen;
    const at = this.row;
    const row = runs.rowAt(at);
    if (ctrlKey || metaKey) return row && key === "a" ? selectAll : undefined;
    switch (key) {
      case "ArrowDown":
        return () => this.go(at + 1, shiftKey);
      case "ArrowUp":
        return () => this.go(at - 1, shiftKey);
      case "PageDown":
        return () => this.go(at + pageRows(), shiftKey);
      case "PageUp":
        return () => this.go(at - pageRows(), shiftKey);
      case "Home":
        return () => this.go(0, shiftKey);
      case "End":
        return () => this.go(runs.nRows - 1, shiftKey);
      case " ":
        return () => this.toggleEye(at);
      case "Escape":
        return clearSelection;
    }
    if (row?.kind === "group") return this.#actOfGroup(key, at, row);
    if (row?.kind === "more") return key === "Enter" ? () => runs.showMore(row.under) : undefined;
    const run = this.runOf(at);
    if (row?.kind !== "run") return undefined;
    if (key === "ArrowLeft" && row.under)
      return () => this.go(runs.indexOfGroup(row.under ?? []) ?? at, false);
    return run ? this.#actOfRun(key, at, run) : undefined;
  }

  #actOfGroup(
    key: string,
    at: number,
    { group, isOpen }: { readonly group: RunGroup; readonly isOpen: boolean },
  ): (() => void) | undefined {
    const isFolding = key === "Enter" || (isOpen ? key === "ArrowLeft" : key === "ArrowRight");
    if (isFolding) return () => this.fold(at);
    if (key === "x") return () => this.selectGroup(group, this.seen.nSelectedIn(group) < group.nRuns);
    return key === "m" ? () => this.seen.openGroupMenu(group, at) : undefined;
  }

  #actOfRun(key: string, at: number, run: RunRow): (() => void) | undefined {
    switch (key) {
      case "Enter":
        return () => this.openRun(run);
      case "x":
        return () => this.select(run, at, false);
      case "F2":
        return () => this.beginRename(run);
      case "e":
        return () => this.editSelected(run, at);
      case "s":
        return () => this.turnStar(run);
      case "m":
        return () => this.seen.openRunMenu(run, at);
      default:
        return undefined;
    }
  }
}
