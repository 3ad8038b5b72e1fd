/**
 * Where the bars of a bar chart lie, one under the other: bars from zero, boxes and violins where their values are. Pure.
 */

import { formatTick, formatValue } from "@/data/text/format";
import { linearTicks, roundEnd } from "../axis/ticks";
import { type Box, boxOf, type Outline, outlineOf } from "./distribution";

/** Look of a row: one number, or the distribution of the numbers of its runs. */
export type BarLook = "bar" | "box" | "violin";

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
  /** Of its runs, at least one. */
  readonly numbers: readonly number[];
}

export interface Bar extends BarRow {
  /** Null: it is drawn as something else. */
  readonly box: Box | null;
  /** Null: it is drawn as something else, or its numbers are all the same. */
  readonly outline: Outline | null;
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
/** Distributions get more room: the outline of a violin has to be seen. */
const MOST_SPREAD_PX = 34;
const MOST_SPREAD_ROW_PX = 72;
const BAR_PART = 0.62;
const SPREAD_PART = 0.78;
/** Free room on both sides of the numbers where the axis does not begin at zero. */
const PAD = 0.04;
/** Browsers paint nothing on a higher canvas. */
const MOST_PX = 8000;
/** Height of the line that says how many there is no room for. */
const MORE_PX = 16;

/** The height at which all of some rows have room, px; of very many those that a canvas holds. */
export function heightOf(nRows: number): number {
  return Math.min(nRows * LEAST_ROW_PX, MOST_PX);
}

/** Bars in `height` px of room; the range of values has zero in it where bars are drawn. */
export function layOutBars(rows: readonly BarRow[], look: BarLook, width: number, height: number): BarLayout {
  const isSpread = look !== "bar";
  const [lo, hi] = isSpread ? spreadRange(rows) : barRange(rows);
  const fits = Math.max(1, Math.floor(height / LEAST_ROW_PX));
  const isCut = rows.length > fits;
  const shown = isCut ? rows.slice(0, Math.max(1, Math.floor((height - MORE_PX) / LEAST_ROW_PX))) : rows;
  const room = isCut ? height - MORE_PX : height;
  const step = Math.min(isSpread ? MOST_SPREAD_ROW_PX : MOST_ROW_PX, room / Math.max(1, shown.length));
  return {
    bars: shown.map((row, i) => ({
      ...row,
      y: step * (i + 0.5),
      box: look === "box" ? boxOf(row.numbers) : null,
      outline: look === "violin" ? outlineOf(row.numbers) : null,
    })),
    thickness: isSpread
      ? Math.min(MOST_SPREAD_PX, step * SPREAD_PART)
      : Math.min(MOST_BAR_PX, step * BAR_PART),
    nLeft: rows.length - shown.length,
    lo,
    hi,
    ticks: linearTicks(lo, hi, Math.max(2, Math.round(width / 76))),
  };
}

/** From zero to the longest bar or whisker. */
function barRange(rows: readonly BarRow[]): readonly [number, number] {
  const ends = rows.flatMap((row) => [row.value, row.low ?? row.value, row.high ?? row.value]);
  const lo = ends.reduce((a, b) => Math.min(a, b), 0);
  const most = ends.reduce((a, b) => Math.max(a, b), 0);
  const hi = lo === 0 && most === 0 ? 1 : most;
  return [lo, hi === 0 ? 0 : roundEnd(lo, hi)];
}

/** Over all numbers of all rows, with some room next to them. */
function spreadRange(rows: readonly BarRow[]): readonly [number, number] {
  let [lo, hi] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { numbers } of rows)
    for (const v of numbers) {
      lo = Math.min(lo, v);
      hi = Math.max(hi, v);
    }
  if (lo > hi) return [0, 1];
  const pad = hi > lo ? (hi - lo) * PAD : Math.abs(hi) * PAD || 1;
  return [lo - pad, hi + pad];
}

/** Values from here on have letters, as ticks have. */
const LARGE = 1e6;

/** The value at a bar's end, large ones as the axis has them: `8.49B`. */
export function valueText(value: number): string {
  return Math.abs(value) >= LARGE && Number.isFinite(value) ? formatTick(value) : formatValue(value);
}
