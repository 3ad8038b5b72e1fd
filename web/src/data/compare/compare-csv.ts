import { numberOf } from "../runs/summary";
import { csvLine, escapeFormula } from "../table/csv";
import { type CompareRow, Unknown } from "./compare-runs";

/**
 * A comparison as CSV: a line for each row, equal ones, too, and a column for each run, with their names in the first line.
 */
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
