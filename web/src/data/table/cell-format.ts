/**
 * The texts of a column's values: one format for the whole column, so that digits stand below each other. Pure.
 */

import { groupName } from "../runs/group-name";
import {
  decimalsOf,
  formatCount,
  formatDuration,
  formatExponential,
  formatFixed,
  formatMagnitude,
  formatNoun,
  formatTick,
  isSmall,
  numberPx,
  SMALL,
  withMinus,
} from "../text/format";
import { valueText } from "../text/value-text";
import type { NumberLook } from "../view/view";
import { isTimeColumn, scopeOf } from "./columns";

/** Smallest and largest finite number of a column, over all runs that are listed. */
export interface Extent {
  readonly min: number;
  readonly max: number;
  /** Whether all of them are whole, as far as the two ends tell. */
  readonly isWhole: boolean;
}

interface Cell {
  readonly text: string;
  /** `nonfinite`: NaN or infinite; `none`: the run has no value. */
  readonly kind: "number" | "text" | "nonfinite" | "none";
  /** All digits of a number that is shortened. */
  readonly whole?: string;
}

export type FormatCell = (value: unknown) => Cell;

const NONE: Cell = { text: "", kind: "none" };
const NONFINITE_TEXTS: Readonly<Record<string, string>> = {
  NaN: "NaN",
  Infinity: "Inf",
  "-Infinity": "−Inf",
};
function allDigits(v: number): string {
  return withMinus(String(v));
}

/** Decimals that tell a small value from its neighbours in a column of large ones. */
const MOST_DECIMALS = 4;

/** The look of a metric's numbers: 4 decimals, fewer of large ones, more where all are small, powers of ten where some are very small. */
function lookOf(extent: Extent): NumberLook {
  if (extent.isWhole) return 0;
  const size = Math.max(Math.abs(extent.min), Math.abs(extent.max));
  if (size >= 1e9 || size < SMALL) return "exp";
  const least = extent.min * extent.max > 0 ? Math.min(Math.abs(extent.min), Math.abs(extent.max)) : 0;
  if (size < 0.01 && least < SMALL) return "exp";
  if (size >= 1000) return 1;
  return size >= 100 ? 2 : decimalsOf(size);
}

/** Values below this would have one or two digits only with the decimals of a column of large ones. */
const FEW_DIGITS = 10;

/** A metric's value with the decimals of its column, or more where one diverged run would round the others to the same. */
function figure(v: number, digits: number): string {
  const size = Math.abs(v);
  if (size === 0) return "0";
  if (digits === 0) return formatFixed(v, digits);
  if (isSmall(v)) return formatExponential(v);
  return formatFixed(v, size < FEW_DIGITS ? Math.max(digits, MOST_DECIMALS) : digits);
}

function numberFormat(column: string, look: NumberLook | undefined, extent: Extent | undefined) {
  if (look === "all") return allDigits;
  if (look === "exp") return (v: number) => formatExponential(v);
  if (typeof look === "number") return (v: number) => formatFixed(v, look);
  // what was set reads as it was typed: 3e−4, 0.01, 32
  if (scopeOf(column) !== "summary") {
    // next to numbers above 1, which are no powers, only the very small ones are
    const isInPowers = extent !== undefined && extent.min > 0 && extent.min < SMALL && extent.max <= 1;
    return (v: number) =>
      Number.isInteger(v)
        ? formatCount(v)
        : isInPowers && v > 0 && v < 1
          ? formatMagnitude(v)
          : formatTick(v);
  }
  // each by itself, where nothing is known of the others
  if (!extent)
    return (v: number) =>
      figure(v, Math.abs(v) >= 1000 ? 1 : Math.abs(v) >= 100 ? 2 : decimalsOf(Math.abs(v)));
  const own = lookOf(extent);
  return own === "exp" ? (v: number) => formatExponential(v) : (v: number) => figure(v, own as number);
}

/** The format of a column; `look` is a person's choice. */
export function formatOf(
  column: string,
  look: NumberLook | undefined,
  extent: Extent | undefined,
): FormatCell {
  if (column === "runtime")
    return (value) => (typeof value === "number" ? { text: formatDuration(value), kind: "number" } : NONE);
  if (isTimeColumn(column))
    return (value) => (typeof value === "number" ? { text: String(value), kind: "number" } : NONE);
  const ofNumber = numberFormat(column, look, extent);
  const isOwn = scopeOf(column) === "run";
  return (value) => {
    if (value === null || value === undefined) return NONE;
    if (typeof value === "number") return { text: ofNumber(value), kind: "number" };
    if (typeof value === "string") {
      const nonfinite = isOwn ? undefined : NONFINITE_TEXTS[value];
      return nonfinite ? { text: nonfinite, kind: "nonfinite" } : { text: value, kind: "text" };
    }
    if (typeof value === "boolean") return { text: String(value), kind: "text" };
    if (Array.isArray(value) && value.every((element) => typeof element === "string"))
      return { text: value.join(", "), kind: "text" };
    return { text: valueText(value), kind: "text" };
  };
}

/** The format, or a shorter one where the ends of its column don't fit: `301.99B`, all alike, with all digits in `whole`. */
export function fittingFormat(format: FormatCell, extent: Extent | undefined, roomPx: number): FormatCell {
  const isFitting = (value: number) => numberPx(format(value).text) <= roomPx;
  if (!extent || (isFitting(extent.min) && isFitting(extent.max))) return format;
  return (value) => {
    const cell = format(value);
    return cell.kind === "number" && typeof value === "number" && Math.abs(value) >= 1e6
      ? { ...cell, text: formatTick(value), whole: cell.text }
      : cell;
  };
}

/** Where a value lies between a column's lowest and highest, 0 … 1; null where that says nothing. */
export function fractionInExtent(value: unknown, extent: Extent | undefined): number | null {
  if (typeof value !== "number" || !extent || !(extent.max > extent.min)) return null;
  return Math.max(0, Math.min(1, (value - extent.min) / (extent.max - extent.min)));
}

/** Text of a value for copying: as a program would write it. */
export function plainText(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "string") return value;
  if (Array.isArray(value) && value.every((element) => typeof element === "string")) return value.join(" ");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** The mean of a group with its spread, which has one digit less: `0.8103 ±0.019`. */
export function spreadText(
  mean: number,
  std: number | null,
  format: FormatCell,
): { text: string; spread: string } {
  const { text } = format(mean);
  if (std === null || std === 0) return { text, spread: "" };
  if (mean === 0) return { text, spread: `±${format(std).text}` };
  if (text.includes("e")) return { text, spread: `±${formatExponential(std, 0)}` };
  const nDigits = text.includes(".") ? text.length - text.indexOf(".") - 1 : 0;
  const fewest = Math.max(text.includes(".") ? 1 : 0, nDigits - 1);
  // a spread that rounds to zero has one digit more, and is left out where that rounds to zero, too
  const shown = [fewest, nDigits]
    .map((digits) => formatFixed(std, digits))
    .find((digits) => Number(digits) > 0);
  return { text, spread: shown === undefined ? "" : `±${shown}` };
}

/** Run time of many runs together: in hours where it is more than a day. */
export function formatRunTime(secs: number): string {
  return secs < 86_400 ? formatDuration(secs) : `${formatCount(Math.round(secs / 3600))} h`;
}

/** Values that stand in a cell; its title has more. */
const NAMED = 3;

/** The most frequent of a group's values, and how many different ones there are. */
export interface ValueCounts {
  readonly values: readonly { readonly value: unknown; readonly n_runs: number }[];
  readonly n_values: number;
}

/** The different values of a group's runs, the most frequent first: `adamw, sgd +2`. */
export function distinctText(counts: ValueCounts, format: FormatCell): { text: string; title: string } {
  const words = counts.values.map(({ value }) =>
    typeof value === "number" ? format(value).text : groupName([value]),
  );
  const more = counts.n_values > NAMED ? ` +${formatCount(counts.n_values - NAMED)}` : "";
  const lines = counts.values.map(({ n_runs }, i) => `${words[i]}: ${formatNoun(n_runs, "run")}`);
  const nOthers = counts.n_values - lines.length;
  if (nOthers > 0) lines.push(formatNoun(nOthers, "other value"));
  return { text: words.slice(0, NAMED).join(", ") + more, title: lines.join("\n") };
}
