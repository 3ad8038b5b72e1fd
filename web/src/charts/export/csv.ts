/** The curves of a chart as CSV: a row for each bucket of each curve, with all digits. Pure. */

import type { Floats, SeriesColumns } from "@/data/curves/columns";
import { escapeFormula } from "@/data/table/csv";
import { isRelative, unitOf } from "../axis/x-axis";
import type { Curve } from "../line/curve";

/** Rows of 4180 end so. */
const END = "\r\n";

/**
 * Curves one after the other. Columns that no curve needs are left out: groups, writers, bands, NaN.
 *
 * Where buckets hold one step each, x is that step; else the range of steps, seconds or values that a row is of.
 *
 * @param escapesFormulas no name of a run, a metric or a group is a formula for a spreadsheet
 */
export function csvOf(curves: readonly Curve[], escapesFormulas = false): string {
  const field = (text: string) => quoted(escapesFormulas ? String(escapeFormula(text)) : text);
  const all = curves.map((curve) => curve.columns);
  const has = (test: (columns: SeriesColumns) => boolean) => all.some(test);
  const isGrouped = has((columns) => columns.group !== "");
  const isByPart = has((columns) => columns.part !== "");
  const hasNonfinite = has((columns) => columns.nonfinite.length > 0);
  const isExactX = all.every((columns) => unitOf(columns.axis) === 1 && columns.level === 0);
  const xName = xNameOf(all);
  const head = [
    "name",
    isGrouped ? "group" : "run",
    "metric",
    ...(isByPart ? ["part"] : []),
    ...(isExactX ? [xName] : [`${xName}_from`, `${xName}_to`]),
    ...(isGrouped ? ["center", "low", "high", "min", "max", "n_runs"] : ["mean", "min", "max"]),
    ...(hasNonfinite ? ["nan", "inf", "minus_inf"] : []),
  ];
  const lines = [head.map(field).join(",")];
  for (const { name, columns } of curves) {
    const number = printerOf(columns.mean, columns.base);
    const start = [
      name,
      isGrouped ? columns.group : columns.run,
      columns.key,
      ...(isByPart ? [columns.part] : []),
    ]
      .map(field)
      .join(",");
    const nonfiniteAt = new Map([...columns.nonfinite].map((at, k) => [at, k]));
    for (let i = 0; i < columns.bucket.length; i++) {
      const cells = [start, ...xCells(columns, i, isExactX), number(columns.mean[i]!)];
      if (isGrouped) cells.push(number(columns.low[i]), number(columns.high[i]));
      cells.push(number(columns.min[i]!), number(columns.max[i]!));
      if (isGrouped) cells.push(String(columns.runs[i] ?? ""));
      if (hasNonfinite) {
        const k = nonfiniteAt.get(i);
        const count = (counts: Uint32Array) => String(k === undefined ? 0 : counts[k]!);
        cells.push(count(columns.nan), count(columns.posInf), count(columns.negInf));
      }
      lines.push(cells.join(","));
    }
  }
  return lines.join(END) + END;
}

function xNameOf(all: readonly SeriesColumns[]): string {
  const [columns] = all;
  if (columns?.axisMetric) return columns.axisMetric;
  if (columns?.axis === "wall") return "time";
  return columns && isRelative(columns.axis) ? "seconds" : "step";
}

/** Where a bucket lies: its step, or from where to before where. */
function xCells(columns: SeriesColumns, i: number, isExactX: boolean): string[] {
  const size = 2 ** columns.level;
  const from = (columns.firstBucket + columns.bucket[i]!) * size;
  if (isExactX) return [String(from)];
  const text = (x: number) => {
    if (columns.axis === "wall") return new Date((columns.originMicros + x) / 1000).toISOString();
    return String(x / unitOf(columns.axis));
  };
  return [text(from), text(from + size)];
}

/** Numbers with as many digits as they have; nothing for what is not there. */
function printerOf(values: Floats, base: number): (value: number | undefined) => string {
  const isShort = values instanceof Float32Array;
  return (value) => {
    if (value === undefined || Number.isNaN(value)) return "";
    if (!isShort) return String(value);
    if (base === 0) return shortest(value);
    return String(Number((value + base).toPrecision(15)));
  };
}

/** The shortest text that reads back as the same float32. */
function shortest(value: number): string {
  for (let digits = 6; digits < 9; digits++) {
    const rounded = Number(value.toPrecision(digits));
    if (Math.fround(rounded) === value) return String(rounded);
  }
  return String(Number(value.toPrecision(9)));
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
