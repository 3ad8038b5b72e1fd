/** Says which columns some runs have no value of: those runs are missing in a chart over them. Pure. */

import { columnLabel } from "@/data/table/columns";
import { formatCount, formatNoun } from "@/data/text/format";

interface Valued {
  readonly values: Readonly<Record<string, unknown>>;
}

/** `12 of 94 runs have no C`; empty: all have all. Columns that no run has been asked for are not told of. */
export function missingText(rows: readonly Valued[], columns: readonly string[]): string {
  const lacking = [...new Set(columns)]
    .map((column) => ({ column, n: rows.filter(({ values }) => values[column] === null).length }))
    .filter(({ n }) => n > 0)
    .sort((a, b) => b.n - a.n);
  const [first, ...others] = lacking;
  if (!first) return "";
  return [
    `${formatCount(first.n)} of ${formatNoun(rows.length, "run")} have no ${columnLabel(first.column)}`,
    ...others.map(({ column, n }) => `${formatCount(n)} no ${columnLabel(column)}`),
  ].join(", ");
}
