/**
 * Columns of the runs table as panels name them. Pure.
 */

import { formatDuration, formatExact, formatExactly, formatTick, formatValue } from "@/data/format";

/** Whether runs were given it, and did not result in it. */
export function isParameter(column: string): boolean {
  return column.startsWith("config.");
}

/** A column's name without what it is a column of: `config.optimizer.lr` is `optimizer.lr`. */
export function columnLabel(column: string): string {
  return column.replace(/^(config|summary)\./, "");
}

/** The columns that may hold a metric's summary: what `define_metric` asked for lies below its name. */
export function summaryColumns(metric: string): string[] {
  const plain = `summary.${metric}`;
  return [plain, ...["best", "max", "min", "mean", "last", "first"].map((part) => `${plain}.${part}`)];
}

const TIMES = new Set(["created", "started", "ended", "heartbeat"]);

/** A number that a person chose: all its digits, small ones by magnitude. */
export function formatParameter(value: number): string {
  return value !== 0 && Math.abs(value) < 1e-3 ? formatTick(value) : formatExactly(value);
}

/** A value as text, in the way of its column. */
export function formatCell(column: string, value: unknown): string {
  if (value === null || value === undefined) return "not set";
  if (typeof value === "number") {
    if (TIMES.has(column)) return formatExact(value);
    if (column === "runtime") return formatDuration(value);
    if (isParameter(column)) return formatParameter(value);
    return Number.isInteger(value) ? formatExactly(value) : formatValue(value);
  }
  if (Array.isArray(value) && value.every((v) => typeof v === "string")) return value.join(", ");
  return typeof value === "string" ? value : JSON.stringify(value);
}
