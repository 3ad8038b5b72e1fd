/** The order of a table's rows by one column, and its text in an address. Pure. */

export interface RowSort {
  readonly column: string;
  readonly isDown: boolean;
}

/** Rows by a value of each; those without one come last in both directions. */
export function sortRows<Row>(
  rows: readonly Row[],
  sortValue: (row: Row) => unknown,
  isDown: boolean,
): readonly Row[] {
  const sign = isDown ? -1 : 1;
  return rows.toSorted((a, b) => {
    const [own, other] = [keyOf(sortValue(a)), keyOf(sortValue(b))];
    if (own === null || other === null) return Number(own === null) - Number(other === null);
    return sign * compare(own, other);
  });
}

type Key = number | string;

function keyOf(value: unknown): Key | null {
  if (value === undefined || value === null) return null;
  if (typeof value === "number" || typeof value === "string") return value;
  return JSON.stringify(value);
}

/** Numbers before texts. */
function compare(a: Key, b: Key): number {
  if (typeof a === "number" && typeof b === "number") return a - b;
  if (typeof a !== typeof b) return typeof a === "number" ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}

/** `-created` of an address; null: as the server lists them. */
export function sortOfText(text: string): RowSort | null {
  if (text === "") return null;
  return { column: text.replace(/^-/, ""), isDown: text.startsWith("-") };
}

export function sortText(sort: RowSort | null): string {
  return sort ? `${sort.isDown ? "-" : ""}${sort.column}` : "";
}

/** By a click on a head: up, down, and as it was. */
export function nextSort(sort: RowSort | null, column: string): RowSort | null {
  if (sort?.column !== column) return { column, isDown: true };
  return sort.isDown ? { column, isDown: false } : null;
}
