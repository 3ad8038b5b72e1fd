/** Numbers that some runs have as text, as another script logged them: `"6e-4"` for 0.0006. Pure. */

const NUMBER = /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i;

interface Valued {
  readonly id: string;
  readonly values: Readonly<Record<string, unknown>>;
}

/** Runs whose texts are read as numbers, and where that was so. */
export interface NumericRows<R> {
  readonly rows: readonly R[];
  /** The columns with such texts. */
  readonly columns: readonly string[];
  /** Number of runs with one at least. */
  readonly nRuns: number;
}

/** A finite number, or the one that a text is; null: it is neither. */
export function numberOfText(value: unknown): number | null {
  const number = typeof value === "string" && NUMBER.test(value) ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) ? number : null;
}

/**
 * Runs with the numbers that texts are, in columns of numbers: where one run has a number, and most values are numbers or
 * texts of them. A column of texts alone stays one, unless its axis is one of numbers.
 *
 * @param numberColumns columns whose axis was chosen to be one of numbers
 */
export function readNumericTexts<R extends Valued>(
  rows: readonly R[],
  columns: readonly string[],
  numberColumns: readonly string[] = [],
): NumericRows<R> {
  const read = [...new Set(columns)].filter((column) => {
    const values = rows.map((row) => row.values[column]);
    return values.some(isNumericText) && (numberColumns.includes(column) || isOfNumbers(values));
  });
  if (read.length === 0) return { rows, columns: [], nRuns: 0 };
  const hasText = (row: R) => read.some((column) => isNumericText(row.values[column]));
  const numericRows = rows.map((row) => {
    if (!hasText(row)) return row;
    const numbers = read.map((column) => [column, numberOfText(row.values[column]) ?? row.values[column]]);
    return { ...row, values: { ...row.values, ...Object.fromEntries(numbers) } };
  });
  return { rows: numericRows, columns: read, nRuns: rows.filter(hasText).length };
}

function isOfNumbers(values: readonly unknown[]): boolean {
  const present = values.filter((value) => value !== null && value !== undefined);
  const nNumeric = present.filter((value) => numberOfText(value) !== null).length;
  return present.some((value) => typeof value === "number") && nNumeric * 2 > present.length;
}

function isNumericText(value: unknown): boolean {
  return typeof value === "string" && numberOfText(value) !== null;
}
