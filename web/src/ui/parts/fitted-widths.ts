/** Widths of columns that grow to what stands in them: a number that is cut would be read as another one. */

import { type RefObject, useLayoutEffect, useState } from "react";

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

/**
 * Widths of the columns of which cells in sight were too narrow. They only grow, so that nothing moves back and forth
 * while the rows scroll by.
 *
 * @param scroll holds the rows, `[data-row]`, with a cell of each column in order
 */
export function useFittedWidths(
  scroll: RefObject<HTMLElement | null>,
  columns: readonly FittedColumn[],
): ReadonlyMap<string, number> {
  const [widths, setWidths] = useState(NOTHING);
  useLayoutEffect(() => {
    const grown = new Map(widths);
    for (const row of scroll.current?.querySelectorAll("[data-row]") ?? [])
      columns.forEach(({ id, mostPx }, at) => {
        const cell = row.children[at];
        if (mostPx === null || !(cell instanceof HTMLElement)) return;
        const lack = lackPx(cell);
        if (lack === 0) return;
        const px = Math.min(mostPx, cell.offsetWidth + lack + 1);
        if (px > (grown.get(id) ?? 0)) grown.set(id, px);
      });
    if ([...grown].some(([id, px]) => px !== widths.get(id))) setWidths(grown);
  });
  return widths;
}
