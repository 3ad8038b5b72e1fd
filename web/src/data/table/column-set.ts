/**
 * A set of columns of the runs table under a name: which columns, from left to right. Pure.
 *
 * Widths and number formats belong to the view, so that a set changes nothing but the columns.
 */

import { allOf, listOf, type Reader, text } from "../view/reading";
import type { TableView } from "../view/view";
import type { ColumnFacts } from "./column-facts";
import { layoutColumns } from "./columns";

export interface ColumnSet {
  readonly pinned: readonly string[];
  readonly columns: readonly string[];
}

/** The columns that a table shows; a column that only its sort order brings into sight is not among them. */
export function columnSetOf(facts: readonly ColumnFacts[], table: TableView): ColumnSet {
  const { pinned, scrolled } = layoutColumns(facts, table);
  return { pinned: pinned.map(({ id }) => id), columns: scrolled.map(({ id }) => id) };
}

/** A table's view with the columns of a set and no others. */
export function tableOfSet({ pinned, columns }: ColumnSet): Partial<TableView> {
  return { isOwn: true, hidden: [], shown: columns, order: columns, pinned };
}

export function isSameSet(a: ColumnSet, b: ColumnSet): boolean {
  return JSON.stringify([a.pinned, a.columns]) === JSON.stringify([b.pinned, b.columns]);
}

export const readColumnSet: Reader<ColumnSet> = allOf<ColumnSet>({
  pinned: listOf(text),
  columns: listOf(text),
});
