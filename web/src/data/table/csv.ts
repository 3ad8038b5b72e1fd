/** Rows as CSV (RFC 4180): comma, double quotes where needed, CRLF. Pure. */

import { isTimeColumn } from "./columns";

/** One field. Lists and objects are JSON; what a run lacks is empty. */
function csvField(value: unknown): string {
  if (value === null || value === undefined) return "";
  const text = typeof value === "object" ? JSON.stringify(value) : String(value);
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export function csvLine(values: readonly unknown[]): string {
  return `${values.map(csvField).join(",")}\r\n`;
}

/**
 * A value that no spreadsheet runs: `'` before a text that begins like a formula and is no number (the rule of OWASP,
 * as the server has it).
 */
export function escapeFormula(value: unknown): unknown {
  if (typeof value !== "string" || !/^[=+\-@\t\r]/.test(value)) return value;
  return value.trim() !== "" && !Number.isNaN(Number(value)) ? value : `'${value}`;
}

/** A column's value as it is exported: times as ISO 8601 in UTC, all else as it is. */
export function csvValue(column: string, value: unknown): unknown {
  if (!isTimeColumn(column) || typeof value !== "number") return value;
  const micros = String(Math.round(value) % 1_000_000).padStart(6, "0");
  return `${new Date(value / 1000).toISOString().slice(0, 19)}.${micros}Z`;
}
