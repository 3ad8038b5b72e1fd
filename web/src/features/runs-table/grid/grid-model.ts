/** The cursor of the grid, the cell that is edited, and what keys and clicks do there. No DOM. */

import { createStore } from "zustand";
import type { RunRow } from "@/api/runs/run-rows";
import { plainText } from "@/data/table/cell-format";
import type { Span } from "@/data/table/window";
import { clearSelection } from "../../runs/actions/run-selection";
import { type PressedKey, RowModel, type RowsSeen } from "../../runs/row-model";
import { type EditedColumn, isEdited } from "../columns/edited-columns";
import { type RunParts, runValue } from "../use-table-cells";
import { columnIdAt, type GridLayout, nColumns } from "./grid-layout";

/** A place in the grid: row -1 is the head; column 0 the name, then what is pinned, then the others. */
export interface Cursor {
  readonly row: number;
  readonly column: number;
}

interface EditedCell extends Cursor {
  readonly run: RunRow;
  /** Before the edit. */
  readonly value: unknown;
}

interface GridState {
  readonly cursor: Cursor;
  readonly editing: EditedCell | null;
}

export interface GridSeen extends RowsSeen {
  readonly layout: GridLayout;
  /** Of the listed runs. */
  readonly nSelected: number;
  /** Rows in view. */
  readonly rows: Span;
  /** By run, as far as they are here. */
  readonly parts: ReadonlyMap<string, RunParts>;
  /** Rows that a page of keys moves by. */
  pageRows(): number;
  /** Scrolls a cell into view. */
  showCell(cursor: Cursor): void;
  /** Gives the keys back to the grid. */
  takeFocus(): void;
  openHeadMenu(column: string): void;
  openRunMenu(run: RunRow, row: number): void;
  /** Moves a column by one place. */
  shiftColumn(column: string, by: 1 | -1): void;
  copy(text: string): void;
  save(run: RunRow, column: EditedColumn, before: unknown, value: unknown): void;
}

export class GridModel extends RowModel<GridSeen> {
  readonly store = createStore<GridState>(() => ({ cursor: { row: 0, column: 0 }, editing: null }));

  /** Puts the cursor to a cell, or to the nearest that there is, and scrolls there. */
  go({ row, column }: Cursor): void {
    const { runs, layout, showCell } = this.seen;
    const cursor = {
      row: Math.max(-1, Math.min(runs.nRows - 1, row)),
      column: Math.max(0, Math.min(nColumns(layout) - 1, column)),
    };
    this.store.setState({ cursor });
    showCell(cursor);
  }

  /** Another question begins at its first row: in the row of the cursor is another run now. */
  begin(): void {
    this.store.setState(({ cursor: { row, column } }) => ({ cursor: { row: Math.min(row, 0), column } }));
  }

  /** A click into a cell; one into the cell of the cursor edits it. */
  click(at: Cursor): void {
    const { row, column } = this.store.getState().cursor;
    this.store.setState({ cursor: at });
    if (at.column > 0 && row === at.row && column === at.column) this.edit(at);
  }

  /** A click on a box, an eye or a fold: the keys continue there. `row` is null in the head. */
  clickControl(row: number | null): void {
    if (row !== null) this.store.setState({ cursor: { row, column: 0 } });
    this.seen.takeFocus();
  }

  /** Begins to edit a cell, if it can be and its value is here. */
  edit(cursor: Cursor): void {
    const run = this.runOf(cursor.row);
    const column = columnIdAt(this.seen.layout, cursor.column);
    const value = this.#valueAt(cursor);
    if (!this.seen.mayWrite || !run || !isEdited(column) || value === undefined) return;
    this.go(cursor);
    this.store.setState({ editing: { ...cursor, run, value } });
  }

  /** Edits the name of a run wherever it is by now: new runs may have moved it. */
  rename(id: string): void {
    const { first, end } = this.seen.rows;
    for (let row = first; row < end; row++) if (this.runOf(row)?.id === id) this.edit({ row, column: 0 });
  }

  /**
   * @param value undefined: it is given up
   * @param by columns that the cursor moves by
   */
  endEdit(value: unknown, by: -1 | 0 | 1): void {
    const { editing } = this.store.getState();
    if (!editing) return;
    this.store.setState({ editing: null });
    this.seen.takeFocus();
    const name = columnIdAt(this.seen.layout, editing.column);
    if (value !== undefined && isEdited(name)) this.seen.save(editing.run, name, editing.value, value);
    if (by !== 0) this.go({ row: editing.row, column: editing.column + by });
  }

  /** Does what a key does; false: nothing here. */
  press(key: PressedKey): boolean {
    const act = this.#actOf(key);
    act?.();
    return act !== null;
  }

  readonly selectAll = (isOn: boolean): void => {
    if (isOn) this.seen.selectAll();
    else clearSelection();
  };

  #valueAt({ row, column }: Cursor): unknown {
    const run = this.runOf(row);
    if (!run || column === 0) return run?.name;
    return runValue(this.seen.parts.get(run.id), columnIdAt(this.seen.layout, column));
  }

  #actOf({ key, shiftKey, ctrlKey, metaKey }: PressedKey): (() => void) | null {
    const { cursor } = this.store.getState();
    const { row, column } = cursor;
    const { runs, layout, pageRows } = this.seen;
    const isHead = row < 0;
    const isFar = ctrlKey || metaKey;
    const [lastRow, lastColumn] = [runs.nRows - 1, nColumns(layout) - 1];
    const toRow = (next: number) => {
      if (shiftKey && !isHead && next >= 0) this.extend(row, Math.min(lastRow, next));
      this.go({ row: next, column });
    };
    switch (key) {
      case "ArrowDown":
        return () => toRow(isFar ? lastRow : row + 1);
      case "ArrowUp":
        return () => toRow(isFar ? 0 : row - 1);
      case "PageDown":
        return () => toRow(row + pageRows());
      case "PageUp":
        return () => toRow(Math.max(0, row - pageRows()));
      case "ArrowLeft":
        return () => this.#goSideways(cursor, -1, shiftKey, isFar);
      case "ArrowRight":
        return () => this.#goSideways(cursor, 1, shiftKey, isFar);
      case "Home":
        return () => this.go({ row: isFar ? 0 : row, column: 0 });
      case "End":
        return () => this.go({ row: isFar ? lastRow : row, column: lastColumn });
      case "Enter":
        return () => this.#enter(cursor);
      case "F2":
        return isHead ? null : () => this.edit({ row, column: 0 });
      case " ":
        return isHead ? null : () => this.toggleEye(row);
      case "x":
      case "X":
        return isFar ? null : () => (isHead ? this.#toggleAll() : this.#toggle(row, shiftKey));
      case "a":
        return isFar ? () => this.#toggleAll() : null;
      case "Escape":
        return clearSelection;
      case "c":
        return isFar ? () => this.#copy(cursor) : null;
      case "s":
        return isFar || isHead ? null : () => this.#star(row);
      case "e":
        return isFar || isHead ? null : () => this.#editSelected(row);
      case "m":
        return isFar ? null : () => this.#openMenu(cursor);
      default:
        return null;
    }
  }

  #goSideways({ row, column }: Cursor, by: 1 | -1, isShift: boolean, isFar: boolean): void {
    const { runs, layout, shiftColumn } = this.seen;
    const at = runs.rowAt(row);
    if (isShift && row < 0) {
      if (column > 0) shiftColumn(columnIdAt(layout, column), by);
    } else if (column === 0 && !isFar && at?.kind === "group" && at.isOpen !== (by === 1)) this.fold(row);
    else this.go({ row, column: isFar ? (by < 0 ? 0 : nColumns(layout) - 1) : column + by });
  }

  #enter(cursor: Cursor): void {
    const { row, column } = cursor;
    const run = this.runOf(row);
    const id = columnIdAt(this.seen.layout, column);
    if (row < 0) this.seen.openHeadMenu(id);
    else if (run && (column === 0 || !isEdited(id))) this.openRun(run);
    // of a value that is on its way nothing can be edited, and the page is not left either
    else if (run) this.edit(cursor);
    else this.fold(row);
  }

  #toggle(row: number, isRange: boolean): void {
    const run = this.runOf(row);
    const group = this.groupOf(row);
    if (run) this.select(run, row, isRange);
    else if (group) this.selectGroup(group, this.seen.nSelectedIn(group) < group.nRuns);
  }

  #toggleAll(): void {
    this.selectAll(this.seen.nSelected < this.seen.runs.total);
  }

  #editSelected(row: number): void {
    const run = this.runOf(row);
    if (run) this.editSelected(run, row);
  }

  #star(row: number): void {
    const run = this.runOf(row);
    if (run) this.turnStar(run);
  }

  #openMenu({ row, column }: Cursor): void {
    const run = this.runOf(row);
    if (row < 0) this.seen.openHeadMenu(columnIdAt(this.seen.layout, column));
    else if (run) this.seen.openRunMenu(run, row);
  }

  #copy(cursor: Cursor): void {
    const value = this.#valueAt(cursor);
    if (value !== undefined) this.seen.copy(plainText(value));
  }
}
