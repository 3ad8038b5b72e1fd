/** The rows and columns of the grid that are in view: follows its scrolling and its size. */

import { type RefObject, useLayoutEffect, useState } from "react";
import { columnSpan, isSameSpan, rowSpan, type Span } from "@/data/table/window";
import { useStable } from "@/ui/hooks/use-stable";
import { type GridLayout, HEAD_PX, ROW_PX } from "./grid-layout";

/** Rows, and px of columns, that are drawn around those in view. */
const OVER_ROWS = 6;
const OVER_PX = 240;

export interface GridWindow {
  readonly rows: Span;
  readonly columns: Span;
  /** More than are ever drawn at once. */
  readonly nRows: number;
}

const NOTHING: GridWindow = {
  rows: { first: 0, end: 0 },
  columns: { first: 0, end: 0 },
  nRows: 1,
};

function isSameWindow(a: GridWindow, b: GridWindow): boolean {
  return isSameSpan(a.rows, b.rows) && isSameSpan(a.columns, b.columns) && a.nRows === b.nRows;
}

export function useGridWindow(
  scroller: RefObject<HTMLElement | null>,
  layout: GridLayout,
  nRows: number,
): GridWindow {
  const [held, setHeld] = useState(NOTHING);
  const measure = useStable(() => {
    const element = scroller.current;
    if (!element) return;
    const heightPx = Math.max(0, element.clientHeight - HEAD_PX);
    const widthPx = element.clientWidth;
    const top = element.scrollTop;
    const next: GridWindow = {
      rows: rowSpan(top, heightPx, ROW_PX, nRows, OVER_ROWS),
      columns: columnSpan(layout.edges, element.scrollLeft, Math.max(0, widthPx - layout.pinnedPx), OVER_PX),
      nRows: Math.ceil(heightPx / ROW_PX / 8) * 8 + 2 * OVER_ROWS + 16,
    };
    setHeld((before) => (isSameWindow(before, next) ? before : next));
  });
  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element) return;
    const observer = new ResizeObserver(() => measure());
    observer.observe(element);
    element.addEventListener("scroll", measure, { passive: true });
    return () => {
      observer.disconnect();
      element.removeEventListener("scroll", measure);
    };
  }, [scroller, measure]);
  // other columns or rows: what is in view changes without a scroll
  // biome-ignore lint/correctness/useExhaustiveDependencies: measured again when they change
  useLayoutEffect(() => measure(), [layout, nRows, measure]);
  return held;
}
