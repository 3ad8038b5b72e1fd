/**
 * An axis over the values of a column of runs: numbers, numbers by their magnitude, or texts side by side. Pure.
 */

import { numberOfText } from "@/data/statistics/numeric-texts";
import { formatExactly, formatTick, inOneNotation } from "@/data/text/format";
import { labelTicks, linearTicks, logTicks, wholeTicks } from "./ticks";

export type AxisChoice = "auto" | "linear" | "log" | "category";

export type ValueAxis =
  | {
      readonly kind: "linear" | "log";
      readonly lo: number;
      readonly hi: number;
      /** Whether all values are whole: there is nothing to look for between 1 and 2. */
      readonly isWhole?: boolean;
    }
  | { readonly kind: "category"; readonly levels: readonly string[] };

export interface ValueTick {
  /** From 0 to 1. */
  readonly fraction: number;
  readonly text: string;
}

interface AxisWish {
  readonly choice: AxisChoice;
  /** Of a parameter that was chosen by magnitude (1e-4, 1e-3, 1e-2) the axis is logarithmic by itself. */
  readonly isParameter: boolean;
  /** Up to so many different numbers of a parameter stand side by side by themselves. */
  readonly fewLevels?: number;
  /** The part of the range that stays free at both ends. */
  readonly pad?: number;
}

/** From this ratio of largest to smallest on a parameter is shown by magnitude. */
const LOG_RATIO = 30;
const LOW_MIDDLE = 0.25;
const SHORT_DIGITS = 6;
/** Magnitudes are numbers that people look for: they may stand this much closer. */
const LOG_SPACE = 0.45;
/** Texts below each other need this much, px. */
const LEVEL_PX = 14;
/** Px between the numbers of a y axis. */
const Y_SPACE = 38;
/** More of them are no help, however high the chart is. */
const Y_TICKS_MAX = 9;

/** A value on an axis of numbers; null: it has no position there. */
export function numberOf(value: unknown): number | null {
  if (typeof value === "boolean") return value ? 1 : 0;
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

/** Text of a value on an axis of texts: different values differently. Null if it is missing. */
export function levelOf(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  if (typeof value === "number") return formatExactly(value);
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** The axis for these values; null where none of them has a place on it. */
export function valueAxis(values: readonly unknown[], wish: AxisWish): ValueAxis | null {
  const present = values.filter((v) => v !== null && v !== undefined);
  const numbers = present.filter((v): v is number => typeof v === "number" && Number.isFinite(v));
  // a result that is not finite is a text in the answer, and no reason to take all for texts
  const isNumeric = numbers.length > 0 && present.every((v) => typeof v === "number" || isNonFinite(v));
  const isWide = wish.isParameter && byMagnitude(numbers);
  const isFew =
    wish.isParameter && !isWide && new Set(numbers).size <= (wish.fewLevels ?? 0) && numbers.every(isShort);
  const isCategory = wish.choice === "category" || (wish.choice === "auto" && (!isNumeric || isFew));
  if (isCategory) {
    const levels = levelsOf(present);
    return levels.length > 0 ? { kind: "category", levels } : null;
  }
  const placed = present.map(numberOf).filter((v) => v !== null);
  if (placed.length === 0) return null;
  const positive = placed.filter((v) => v > 0);
  const [lo, hi] = extent(placed);
  if (positive.length > 0 && (wish.choice === "log" || (wish.choice === "auto" && isWide))) {
    const [from, to] = extent(positive).map(Math.log10) as [number, number];
    const [low, high] = padded(from, to, wish.pad ?? 0);
    return { kind: "log", lo: 10 ** low, hi: 10 ** high };
  }
  const [low, high] = padded(lo, hi, wish.pad ?? 0);
  return { kind: "linear", lo: low, hi: high, isWhole: placed.every(Number.isInteger) };
}

/** Where a value lies, from 0 to 1; null where it has no place. */
export function fractionOf(axis: ValueAxis, value: unknown): number | null {
  if (axis.kind === "category") {
    const level = levelOf(value);
    const at = level === null ? -1 : axis.levels.indexOf(level);
    return at < 0 ? null : (at + 0.5) / axis.levels.length;
  }
  const number = numberOf(value);
  if (number === null) return null;
  if (axis.kind === "linear") return (number - axis.lo) / (axis.hi - axis.lo);
  return number > 0 ? Math.log(number / axis.lo) / Math.log(axis.hi / axis.lo) : null;
}

/** The number at a place; of texts the position of the level there. */
export function numberAt(axis: ValueAxis, fraction: number): number {
  if (axis.kind === "category")
    return Math.max(0, Math.min(axis.levels.length - 1, Math.floor(fraction * axis.levels.length)));
  if (axis.kind === "linear") return axis.lo + fraction * (axis.hi - axis.lo);
  return axis.lo * (axis.hi / axis.lo) ** fraction;
}

/** Ticks with room for each: numbers stand `space` px apart, magnitudes and texts may be nearer. */
export function valueTicks(axis: ValueAxis, px: number, space: number): ValueTick[] {
  const count = Math.max(2, Math.round(px / (axis.kind === "log" ? space * LOG_SPACE : space)));
  if (axis.kind === "category") {
    const most = Math.max(1, Math.floor(px / Math.min(space, LEVEL_PX)));
    const every = Math.max(1, Math.ceil(axis.levels.length / most));
    return inOneNotation(axis.levels).flatMap((text, i) =>
      i % every === 0 ? [{ fraction: (i + 0.5) / axis.levels.length, text }] : [],
    );
  }
  const ticks =
    axis.kind === "log"
      ? fewer(logTicks(axis.lo, axis.hi, count), count)
      : (axis.isWhole ? wholeTicks : linearTicks)(axis.lo, axis.hi, count);
  const labels = valueLabels(ticks);
  return ticks.map((v, i) => ({ fraction: fractionOf(axis, v)!, text: labels[i]! }));
}

/** Px between the numbers of an x axis, and free between the texts of two at least. */
const X_SPACE = 64;
const X_GAP = 8;

/**
 * Ticks of an x axis, as many as their texts have room for; texts of categories are cut by who draws them.
 *
 * @param pxOf the width of a text
 */
export function xTicks(axis: ValueAxis, px: number, pxOf: (text: string) => number): ValueTick[] {
  if (axis.kind === "category") return valueTicks(axis, px, X_SPACE);
  const hasRoom = (left: ValueTick, right: ValueTick) =>
    (right.fraction - left.fraction) * px >= (pxOf(left.text) + pxOf(right.text)) / 2 + X_GAP;
  let ticks: ValueTick[] = [];
  for (let space = X_SPACE; space < 2 * px; space *= 1.5) {
    ticks = valueTicks(axis, px, space);
    if (ticks.every((tick, i) => i === 0 || hasRoom(ticks[i - 1]!, tick))) return ticks;
  }
  const roomy: ValueTick[] = [];
  for (const tick of ticks) {
    const last = roomy.at(-1);
    if (!last || hasRoom(last, tick)) roomy.push(tick);
  }
  return roomy;
}

/** There is no room for a note: numbers by themselves, or the first one whole and the others by how much more they are. */
function valueLabels(ticks: readonly number[]): readonly string[] {
  const { texts, note } = labelTicks(ticks);
  if (!note) return texts;
  const plain = inOneNotation(ticks.map(formatTick));
  if (new Set(plain).size === plain.length) return plain;
  // multiples of a power that is not told would be other numbers
  if (note.startsWith("×")) return inOneNotation(ticks.map(formatExactly));
  return [formatExactly(ticks[0]!), ...texts.slice(1)];
}

/** Ticks of a y axis of this height: each text that has room, but no more numbers than help. */
export function yTicks(axis: ValueAxis, px: number): ValueTick[] {
  return valueTicks(axis, axis.kind === "category" ? px : Math.min(px, Y_TICKS_MAX * Y_SPACE), Y_SPACE);
}

/** Without the 2 and 5 between powers of ten where there is no room for them. */
function fewer(ticks: readonly number[], count: number): readonly number[] {
  const decades = ticks.filter((v) => Number.isInteger(Number(Math.log10(v).toFixed(9))));
  return ticks.length > count && decades.length > 1 ? decades : ticks;
}

function isNonFinite(value: unknown): boolean {
  return value === "NaN" || value === "Infinity" || value === "-Infinity";
}

/** Whether a person may have written the number: a sampled one has all its digits. */
function isShort(value: number): boolean {
  return Number(value.toPrecision(SHORT_DIGITS)) === value;
}

function byMagnitude(numbers: readonly number[]): boolean {
  const [lo, hi] = extent(numbers);
  if (lo <= 0 || hi / lo < LOG_RATIO) return false;
  // values that are spread evenly have theirs near the middle of the range
  const middle = [...numbers].sort((a, b) => a - b)[numbers.length >> 1]!;
  return (middle - lo) / (hi - lo) < LOW_MIDDLE;
}

/** Numbers by size, also those that are texts, before all other texts. */
function levelsOf(values: readonly unknown[]): string[] {
  const distinct = new Map([...new Set(values)].map((v) => [levelOf(v)!, numberOfText(v)]));
  const order = [...distinct].sort(([a, m], [b, n]) => {
    if (m !== null && n !== null && m !== n) return m - n;
    if ((m === null) !== (n === null)) return m === null ? 1 : -1;
    return a.localeCompare(b, "en", { numeric: true });
  });
  return order.map(([level]) => level);
}

function extent(values: readonly number[]): [number, number] {
  let [lo, hi] = [Infinity, -Infinity];
  for (const v of values) {
    if (v < lo) lo = v;
    if (v > hi) hi = v;
  }
  return [lo, hi];
}

function padded(lo: number, hi: number, pad: number): [number, number] {
  if (lo === hi) {
    const reach = Math.abs(lo) > 0 ? Math.abs(lo) * 0.1 : 1;
    return [lo - reach, hi + reach];
  }
  return [lo - (hi - lo) * pad, hi + (hi - lo) * pad];
}
