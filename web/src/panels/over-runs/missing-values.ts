/** Notes on the values of runs in a chart: runs that it lacks, and texts that it reads as numbers. Pure. */

import type { NumericRows } from "@/data/statistics/numeric-texts";
import { columnLabel } from "@/data/table/columns";
import { haveFor, someHave } from "@/data/text/counted";
import { formatCount, formatNoun } from "@/data/text/format";

interface Valued {
  readonly values: Readonly<Record<string, unknown>>;
}

/**
 * `12 of 94 runs have no C`; empty: all have all. Columns that no run has been asked for are not told of.
 *
 * @param hasPlace whether the chart shows a value
 */
export function missingText(
  rows: readonly Valued[],
  columns: readonly string[],
  hasPlace: (column: string, value: unknown) => boolean = (_, value) => value !== null,
): string {
  const isMissing = (column: string, value: unknown) => value !== undefined && !hasPlace(column, value);
  const lacking = [...new Set(columns)]
    .map((column) => ({ column, n: rows.filter(({ values }) => isMissing(column, values[column])).length }))
    .filter(({ n }) => n > 0)
    .sort((a, b) => b.n - a.n);
  const [first, ...others] = lacking;
  if (!first) return "";
  return [
    `${someHave(first.n, rows.length, "run")} no ${columnLabel(first.column)}`,
    ...others.map(({ column, n }) => `${formatCount(n)} no ${columnLabel(column)}`),
  ].join(", ");
}

/** `8 runs have optim.lr as text`; empty: no text was read as a number. */
export function numericTextNote({ columns, nRuns }: NumericRows<unknown>): string {
  const [first, ...others] = columns;
  if (first === undefined) return "";
  const names = [columnLabel(first), ...(others.length > 0 ? [formatNoun(others.length, "other key")] : [])];
  return `${formatNoun(nRuns, "run")} ${haveFor(nRuns)} ${names.join(" and ")} as text`;
}
