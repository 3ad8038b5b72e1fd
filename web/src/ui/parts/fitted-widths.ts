/** Widths of columns that grow to what stands in them: a number that is cut would be read as another one. */

import { type RefObject, useLayoutEffect, useRef, useState } from "react";

export interface FittedColumn {
  readonly id: string;
  /** Width up to which it grows; null: its texts may be cut. */
  readonly mostPx: number | null;
}

const NOTHING: ReadonlyMap<string, number> = new Map();

/** Room that the content of a cell lacks. */
function lackPx(cell: HTMLElement): number {
  let px = Math.max(0, cell.scrollWidth - cell.clientWidth);
  for (const part of cell.querySelectorAll(".ell")) px += Math.max(0, part.scrollWidth - part.clientWidth);
  return px;
}

/** The texts of rows that were measured, as long as all columns are as wide as they were. */
interface Measured {
  readonly widths: ReadonlyMap<string, number>;
  /** The columns, and the room that they share. */
  readonly layout: string;
  readonly texts: WeakMap<Element, string | null>;
}

/**
 * Widths of the columns of which cells in sight were too narrow. They only grow, so that nothing moves back and forth
 * while the rows scroll by. A row is measured when it comes into sight, and when its text changes.
 *
 * @param scroll holds the rows, `[data-row]`, with a cell of each column in order
 */
export function useFittedWidths(
  scroll: RefObject<HTMLElement | null>,
  columns: readonly FittedColumn[],
): ReadonlyMap<string, number> {
  const [widths, setWidths] = useState(NOTHING);
  const last = useRef<Measured | null>(null);
  useLayoutEffect(() => {
    const layout = JSON.stringify([scroll.current?.clientWidth, columns]);
    if (last.current?.widths !== widths || last.current.layout !== layout)
      last.current = { widths, layout, texts: new WeakMap() };
    const { texts } = last.current;
    const grown = new Map(widths);
    for (const row of scroll.current?.querySelectorAll("[data-row]") ?? []) {
      if (texts.get(row) === row.textContent) continue;
      texts.set(row, row.textContent);
      columns.forEach(({ id, mostPx }, at) => {
        const cell = row.children[at];
        if (mostPx === null || !(cell instanceof HTMLElement)) return;
        const lack = lackPx(cell);
        if (lack === 0) return;
        const px = Math.min(mostPx, cell.offsetWidth + lack + 1);
        if (px > (grown.get(id) ?? 0)) grown.set(id, px);
      });
    }
    if ([...grown].some(([id, px]) => px !== widths.get(id))) setWidths(grown);
  });
  return widths;
}
