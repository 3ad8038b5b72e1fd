/** Notes on the values of runs in a chart: runs that it lacks, and texts that it reads as numbers. Pure. */

import { numberOf } from "@/data/runs/summary";
import type { NumericRows } from "@/data/statistics/numeric-texts";
import { columnLabel, distinctLabels } from "@/data/table/columns";
import { haveFor, someHave } from "@/data/text/counted";
import { formatCount, formatNoun } from "@/data/text/format";

interface Valued {
  readonly values: Readonly<Record<string, unknown>>;
}

/**
 * `12 of 94 runs have no C`; empty: all have all. Columns that no run has been asked for are not told of.
 *
 * A run whose value is NaN has no finite one, a text is no number, and a scale of magnitudes shows what is positive.
 *
 * @param isShown whether the chart shows a value
 */
export function missingText(
  rows: readonly Valued[],
  columns: readonly string[],
  isShown: (column: string, value: unknown) => boolean = (_, value) => value !== null && !isNonfinite(value),
): string {
  const labels = distinctLabels(columns);
  const lacking = [...new Set(columns)]
    .map((column) => {
      const values = rows.map((row) => row.values[column]);
      return { column, missing: values.filter((value) => value !== undefined && !isShown(column, value)) };
    })
    .filter(({ missing }) => missing.length > 0)
    .sort((a, b) => b.missing.length - a.missing.length)
    .map(({ column, missing }) => ({ n: missing.length, lack: `${lackOf(missing)}${labels.get(column)}` }));
  const [first, ...others] = lacking;
  if (!first) return "";
  return [
    `${someHave(first.n, rows.length, "run")} ${first.lack}`,
    ...others.map(({ n, lack }) => `${formatCount(n)} ${lack}`),
  ].join(", ");
}

/** The words before the name of what is missing: they hold for each of the values. */
function lackOf(values: readonly unknown[]): string {
  const present = values.filter((value) => value !== null);
  if (present.length === 0) return "no ";
  if (present.every(isNonfinite)) return "no finite ";
  return present.every((value) => numberOf(value) !== null) ? "no positive " : "no number as ";
}

function isNonfinite(value: unknown): boolean {
  const number = numberOf(value);
  return number !== null && !Number.isFinite(number);
}

/** `8 runs have optim.lr as text`; empty: no text was read as a number. */
export function numericTextNote({ columns, nRuns }: NumericRows<unknown>): string {
  const [first, ...others] = columns;
  if (first === undefined) return "";
  const names = [columnLabel(first), ...(others.length > 0 ? [formatNoun(others.length, "other key")] : [])];
  return `${formatNoun(nRuns, "run")} ${haveFor(nRuns)} ${names.join(" and ")} as text`;
}
