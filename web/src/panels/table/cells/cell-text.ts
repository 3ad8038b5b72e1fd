/**
 * The cells of a logged table as texts. Pure.
 */

import { formatExactly, formatValue } from "@/data/text/format";

/** The look of a column by its type. */
export interface ColumnLook {
  /** Px. */
  readonly width: number;
  readonly isNumber: boolean;
}

const WIDTHS: Readonly<Record<string, number>> = {
  number: 116,
  boolean: 76,
  timestamp: 176,
  "image-file": 104,
  string: 220,
};
const OTHER_PX = 180;
const LETTER_PX = 7;
const MOST_PX = 280;

export function columnLook({ title, type }: { readonly title: string; readonly type: string }): ColumnLook {
  const named = Math.min(MOST_PX, title.length * LETTER_PX + 40);
  return { width: Math.max(WIDTHS[type] ?? OTHER_PX, named), isNumber: type === "number" };
}

/** A cell in one line. */
export function cellText(cell: unknown, type: string): string {
  if (cell === null || cell === undefined) return "";
  if (typeof cell === "number") return Number.isInteger(cell) ? formatWhole(cell) : formatValue(cell);
  if (typeof cell === "boolean") return String(cell);
  if (typeof cell === "string") return type === "timestamp" ? timeText(cell) : cell;
  return JSON.stringify(cell);
}

/** All of a cell, as it was logged. */
export function wholeText(cell: unknown): string {
  if (typeof cell === "number") return Number.isInteger(cell) ? String(cell) : formatExactly(cell);
  if (typeof cell === "object" && cell !== null) return JSON.stringify(cell, null, 2);
  return String(cell ?? "");
}

/** Ids and labels are whole numbers: without groups, so that they can be compared and copied. */
function formatWhole(n: number): string {
  return Math.abs(n) < 1e15 ? String(n).replace("-", "−") : formatValue(n);
}

/** `2024-01-01T08:30:00+00:00` as `2024-01-01 08:30:00 UTC`; without a zone if it has none. */
function timeText(iso: string): string {
  return iso.replace("T", " ").replace(/\+00:00$/, " UTC");
}
