/** How wide the cells of a media panel are, so that they fill its room. Pure. */

import type { Room } from "../../frame/use-room";

export const GAP_PX = 8;
export const HEAD_PX = 24;
export const CAPTION_PX = 20;

interface Blocks {
  /** How many cells each block has; each begins a row of its own. */
  readonly counts: readonly number[];
  /** Whether each block has a heading. */
  readonly hasHeads: boolean;
  /** Lines of text below each cell. */
  readonly nLines: number;
}

export interface Columns {
  readonly n: number;
  /** Of a cell, px. */
  readonly width: number;
  /** That a cell's content may have, px. */
  readonly height: number;
}

/** The most that each of so many columns has, px. */
export function acrossOf(room: Room, n: number): number {
  return Math.floor((room.width - GAP_PX * (n - 1)) / n);
}

/** The columns with the largest cells that need no scrolling; null: none has cells of the least width. */
export function columnsFor(room: Room, blocks: Blocks, ratio: number, leastPx: number): Columns | null {
  const most = Math.max(1, Math.floor((room.width + GAP_PX) / (leastPx + GAP_PX)));
  const heads = blocks.hasHeads ? blocks.counts.length * (HEAD_PX + GAP_PX) : 0;
  const caption = blocks.nLines * CAPTION_PX;
  let best: Columns | null = null;
  for (let n = 1; n <= most; n++) {
    const nRows = blocks.counts.reduce((sum, count) => sum + Math.ceil(count / n), 0);
    const rowPx = (room.height - heads - GAP_PX * (nRows - 1)) / nRows;
    const height = Math.floor(rowPx - caption);
    const width = Math.floor(Math.min(acrossOf(room, n), height * ratio));
    if (width >= leastPx && width > (best?.width ?? 0)) best = { n, width, height };
  }
  return best;
}

/** A few cells of a run share a row if they may be a little smaller, so that more runs are in view. */
const MOST_IN_A_ROW = 4;
const LEAST_SHARE = 0.6;

/** The least width of a cell in a grid that scrolls, px. */
export function scrolledPx(room: Room, counts: readonly number[], leastPx: number): number {
  const most = Math.max(...counts);
  const beside = acrossOf(room, most);
  return most <= MOST_IN_A_ROW && beside >= LEAST_SHARE * leastPx ? Math.min(leastPx, beside) : leastPx;
}
