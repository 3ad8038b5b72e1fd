/**
 * Where the bars of a bar chart lie: one under the other, all from zero. Pure.
 */

import { linearTicks, roundEnd } from "../axis/ticks";

/** A run, or a group of runs. */
export interface BarRow {
  readonly id: string;
  readonly name: string;
  /** 1 … 12. */
  readonly color: number;
  readonly value: number;
  /** The whisker's ends; null: there is none. */
  readonly low: number | null;
  readonly high: number | null;
}

export interface Bar extends BarRow {
  /** The middle, px from the top. */
  readonly y: number;
}

export interface BarLayout {
  readonly bars: readonly Bar[];
  readonly thickness: number;
  /** Rows that there is no room for. */
  readonly nLeft: number;
  readonly lo: number;
  readonly hi: number;
  readonly ticks: readonly number[];
}

/** A bar and the space to the next one are at least this high. */
const LEAST_ROW_PX = 18;
const MOST_BAR_PX = 14;
const MOST_ROW_PX = 44;
const BAR_PART = 0.62;
/** What says how many there is no room for. */
const MORE_PX = 16;

/** Bars in `height` px of room; the range of values always has zero in it. */
export function layOutBars(rows: readonly BarRow[], width: number, height: number): BarLayout {
  const ends = rows.flatMap((row) => [row.value, row.low ?? row.value, row.high ?? row.value]);
  const lo = ends.reduce((a, b) => Math.min(a, b), 0);
  const most = ends.reduce((a, b) => Math.max(a, b), 0);
  const hi = lo === 0 && most === 0 ? 1 : most;
  const fits = Math.max(1, Math.floor(height / LEAST_ROW_PX));
  const isCut = rows.length > fits;
  const shown = isCut ? rows.slice(0, Math.max(1, Math.floor((height - MORE_PX) / LEAST_ROW_PX))) : rows;
  const room = isCut ? height - MORE_PX : height;
  const step = Math.min(MOST_ROW_PX, room / Math.max(1, shown.length));
  const end = hi === 0 ? 0 : roundEnd(lo, hi);
  return {
    bars: shown.map((row, i) => ({ ...row, y: step * (i + 0.5) })),
    thickness: Math.min(MOST_BAR_PX, step * BAR_PART),
    nLeft: rows.length - shown.length,
    lo,
    hi: end,
    ticks: linearTicks(lo, end, Math.max(2, Math.round(width / 76))),
  };
}
