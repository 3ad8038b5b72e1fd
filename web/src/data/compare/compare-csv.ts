/**
 * A comparison as CSV: a line for each row, a column for each run. Pure.
 */

import { numberOf } from "../runs/summary";
import { csvLine, escapeFormula } from "../table/csv";
import { type CompareRow, Unknown } from "./compare-runs";

/** All rows, equal ones, too, with the names of the runs in the first line. */
export function compareCsv(names: readonly string[], rows: readonly CompareRow[]): string {
  const head = ["section", "key", ...names];
  const lines = rows.map(({ section, key, aggregate, values }) => [
    section,
    aggregate === null ? key : `${key}.${aggregate}`,
    ...values.map((value) =>
      value === undefined ? null : value instanceof Unknown ? value.words : (numberOf(value) ?? value),
    ),
  ]);
  return [head, ...lines].map((line) => csvLine(line.map(escapeFormula))).join("");
}
