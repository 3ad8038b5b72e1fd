/**
 * The keyboard in the grid: where the cursor is, and what keys do there.
 */

import { type KeyboardEvent, type RefObject, useState } from "react";
import { scrolledTo } from "@/data/table/window";
import { columnAt, edgesAt, type GridLayout, HEAD_PX, nColumns, ROW_PX } from "./grid-layout";

/** A place in the grid: row -1 is the head; column 0 the name, then what is pinned, then the others. */
export interface Cursor {
  readonly row: number;
  readonly column: number;
}

export interface KeyActions {
  /** Enter: edit, open, or the head's menu. */
  onEnter(cursor: Cursor): void;
  onRename(row: number): void;
  onSelect(row: number, isRange: boolean): void;
  /** Shift and arrows: select from where the cursor is to another row. */
  onExtend(from: number, to: number): void;
  onSelectAll(): void;
  onEye(row: number): void;
  onMenu(cursor: Cursor): void;
  onStar(row: number): void;
  onCopy(cursor: Cursor): void;
  /** Open or close a group; whether there was one. */
  onFold(row: number, isOpen: boolean): boolean;
  /** Move a column by one place. */
  onShift(column: string, by: 1 | -1): void;
  onEscape(): void;
}

/** Scroll as little as needed to have a cell in view. */
function showCell(element: HTMLElement, layout: GridLayout, { row, column }: Cursor): void {
  const heightPx = element.clientHeight - HEAD_PX;
  const top =
    row < 0 ? element.scrollTop : scrolledTo(row * ROW_PX, (row + 1) * ROW_PX, element.scrollTop, heightPx);
  let left = element.scrollLeft;
  if (column > layout.pinned.length) {
    const [from, to] = edgesAt(layout, column);
    left = scrolledTo(
      from - layout.pinnedPx,
      to - layout.pinnedPx,
      left,
      element.clientWidth - layout.pinnedPx,
    );
  }
  element.scrollTo({ top, left });
}

export function useGridKeys(
  scroller: RefObject<HTMLElement | null>,
  layout: GridLayout,
  nRows: number,
  actions: KeyActions,
) {
  const [cursor, setCursor] = useState<Cursor>({ row: 0, column: 0 });
  const go = (next: Cursor) => {
    const row = Math.max(-1, Math.min(nRows - 1, next.row));
    const column = Math.max(0, Math.min(nColumns(layout) - 1, next.column));
    setCursor({ row, column });
    if (scroller.current) showCell(scroller.current, layout, { row, column });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target !== scroller.current || event.altKey) return;
    const act = actionOf(event);
    if (!act) return;
    event.preventDefault();
    act();
  };
  const actionOf = (event: KeyboardEvent): (() => void) | null => {
    const { row, column } = cursor;
    const isFar = event.ctrlKey || event.metaKey;
    const page = Math.max(1, Math.floor(((scroller.current?.clientHeight ?? 0) - HEAD_PX) / ROW_PX) - 1);
    const id = columnAt(layout, column)?.id;
    const toRow = (next: number) => {
      if (event.shiftKey && row >= 0 && next >= 0) actions.onExtend(row, Math.min(nRows - 1, next));
      go({ row: next, column });
    };
    switch (event.key) {
      case "ArrowDown":
        return () => toRow(isFar ? nRows - 1 : row + 1);
      case "ArrowUp":
        return () => toRow(isFar ? 0 : row - 1);
      case "ArrowLeft":
      case "ArrowRight": {
        const by = event.key === "ArrowLeft" ? -1 : 1;
        if (event.shiftKey && row < 0) return () => id && actions.onShift(id, by);
        return () => {
          if (column === 0 && row >= 0 && !isFar && actions.onFold(row, by === 1)) return;
          go({ row, column: isFar ? (by < 0 ? 0 : nColumns(layout) - 1) : column + by });
        };
      }
      case "Home":
        return () => go({ row: isFar ? 0 : row, column: 0 });
      case "End":
        return () => go({ row: isFar ? nRows - 1 : row, column: nColumns(layout) - 1 });
      case "PageDown":
        return () => toRow(row + page);
      case "PageUp":
        return () => toRow(Math.max(0, row - page));
      case "Enter":
        return () => actions.onEnter(cursor);
      case "F2":
        return row < 0 ? null : () => actions.onRename(row);
      case " ":
        return row < 0 ? null : () => actions.onEye(row);
      case "x":
      case "X":
        return isFar ? null : () => (row < 0 ? actions.onSelectAll() : actions.onSelect(row, event.shiftKey));
      case "Escape":
        return () => actions.onEscape();
      case "a":
        return isFar ? () => actions.onSelectAll() : null;
      case "c":
        // what is marked with the pointer is copied by the browser
        return isFar && !window.getSelection()?.toString() ? () => actions.onCopy(cursor) : null;
      case "s":
        return isFar || row < 0 ? null : () => actions.onStar(row);
      case "m":
        return isFar ? null : () => actions.onMenu(cursor);
      default:
        return null;
    }
  };
  return { cursor, setCursor, go, onKeyDown };
}
