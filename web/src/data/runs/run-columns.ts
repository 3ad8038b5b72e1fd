/** The columns that all runs have, as the server lists them. Pure. */

import { RUN_COLUMNS } from "../lists.gen";

export type RunColumn = keyof typeof RUN_COLUMNS;

export type ColumnKind = (typeof RUN_COLUMNS)[RunColumn]["kind"] | "any";

export function isRunColumn(column: string): column is RunColumn {
  return Object.hasOwn(RUN_COLUMNS, column);
}

export const RUN_COLUMN_NAMES = Object.keys(RUN_COLUMNS) as RunColumn[];

/** Kind of a column's values, as far as its name tells. */
export function kindOfColumn(column: string): ColumnKind {
  if (isRunColumn(column)) return RUN_COLUMNS[column].kind;
  if (column.startsWith("writer.")) return "texts";
  return column.startsWith("config.") || column.startsWith("summary.") ? "any" : "text";
}

type EditedColumn = {
  [C in RunColumn]: (typeof RUN_COLUMNS)[C]["isEdited"] extends true ? C : never;
}[RunColumn];

/** Columns that people edit, called as the run's fields are. */
export const EDITED_COLUMNS = RUN_COLUMN_NAMES.filter(
  (column): column is EditedColumn => RUN_COLUMNS[column].isEdited,
);
