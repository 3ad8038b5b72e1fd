/** The cells of the grid on the page: which one an event is in, and scrolling to one. */

import { scrolledTo } from "@/data/table/window";
import { edgesAt, type GridLayout, HEAD_PX, ROW_PX } from "./grid-layout";
import type { Cursor } from "./grid-model";

/** The cell that an event is in; null: it is in none. */
export function cellAt(target: EventTarget): Cursor | null {
  const row = (target as Element).closest<HTMLElement>("[data-index]");
  const cell = (target as Element).closest<HTMLElement>("[aria-colindex]");
  if (!row || !cell) return null;
  return { row: Number(row.dataset.index), column: Number(cell.getAttribute("aria-colindex")) - 1 };
}

/** Rows that a page of keys moves by. */
export function pageRows(scroller: HTMLElement | null): number {
  return Math.max(1, Math.floor(((scroller?.clientHeight ?? 0) - HEAD_PX) / ROW_PX) - 1);
}

/** Scroll as little as needed to have a cell in view. */
export function showCell(scroller: HTMLElement, layout: GridLayout, { row, column }: Cursor): void {
  const { scrollTop, scrollLeft, clientWidth, clientHeight } = scroller;
  const top =
    row < 0 ? scrollTop : scrolledTo(row * ROW_PX, (row + 1) * ROW_PX, scrollTop, clientHeight - HEAD_PX);
  let left = scrollLeft;
  if (column > layout.pinned.length) {
    const [from, to] = edgesAt(layout, column);
    left = scrolledTo(from - layout.pinnedPx, to - layout.pinnedPx, left, clientWidth - layout.pinnedPx);
  }
  scroller.scrollTo({ top, left });
}
