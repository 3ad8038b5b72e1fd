/** Columns of the runs table as panels name them. Pure. */

import { AGGREGATES } from "@/data/lists.gen";
import { kindOfColumn } from "@/data/runs/run-columns";
import type { Goal } from "@/data/table/column-facts";
import {
  formatDuration,
  formatExact,
  formatExactly,
  formatParameter,
  formatValue,
  inOneNotation,
} from "@/data/text/format";
import { valueText } from "@/data/text/value-text";

/** Whether runs were given it, and did not result in it. */
export function isParameter(column: string): boolean {
  return column.startsWith("config.");
}

/** As charts prefer them: what is best of a metric, and what its goal may be. */
const BEST_FIRST = [...new Set(["best", "max", "min", ...Object.keys(AGGREGATES)])];

/** The columns that may hold a metric's summary: what `define_metric` asked for lies below its name. */
export function summaryColumns(metric: string): string[] {
  const plain = `summary.${metric}`;
  return [plain, ...BEST_FIRST.map((part) => `${plain}.${part}`)];
}

interface SummaryFacts {
  readonly column: string;
  readonly n_runs: number;
  readonly goal?: Goal | null;
}

/** The column of a metric's summary: the one that most runs have, of as many the one that its goal asks for. */
export function summaryOf(metric: string, summaries: readonly SummaryFacts[]): string {
  const names = summaryColumns(metric);
  const rank = ({ column, goal }: SummaryFacts) => {
    const isAimed = goal && column.endsWith(goal === "maximize" ? ".max" : ".min");
    return isAimed ? -1 : names.indexOf(column);
  };
  const fitting = summaries.filter(({ column }) => names.includes(column));
  const [best] = fitting.sort((a, b) => b.n_runs - a.n_runs || rank(a) - rank(b));
  return best?.column ?? names[0]!;
}

/** A parameter of a run next to an axis over those of all: in the axis's notation, 1e−3 where others have 3e−4. */
export function formatCellAmong(column: string, value: unknown, others: readonly unknown[]): string {
  const text = formatCell(column, value);
  if (!isParameter(column) || typeof value !== "number") return text;
  const rest = others.filter((other) => typeof other === "number").map((other) => formatCell(column, other));
  return inOneNotation([text, ...rest])[0]!;
}

/** A value as text, in the way of its column. */
export function formatCell(column: string, value: unknown): string {
  if (value === null || value === undefined) return "not set";
  if (typeof value === "number") {
    if (kindOfColumn(column) === "time") return formatExact(value);
    if (column === "runtime") return formatDuration(value);
    if (isParameter(column)) return formatParameter(value);
    return Number.isInteger(value) ? formatExactly(value) : formatValue(value);
  }
  if (Array.isArray(value) && value.every((v) => typeof v === "string")) return value.join(", ");
  return valueText(value);
}
