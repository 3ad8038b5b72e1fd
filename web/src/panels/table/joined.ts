/** A table joined with the one of another run or another step, and what its columns are called. Pure. */

import type { TableColumn } from "@/api/files/tables";

/** The table joined with the one that is shown. */
export interface JoinOption {
  /** Null: the run of the table itself. */
  readonly run: string | null;
  /** Null: the panel's. */
  readonly step: number | null;
  /** The column, of both, whose equal values join rows. */
  readonly on: string;
}

export function joinOption(value: unknown): JoinOption | null {
  if (typeof value !== "object" || value === null) return null;
  const { run = null, step = null, on } = value as Partial<Record<string, unknown>>;
  const isRun = run === null || typeof run === "string";
  const isStep = step === null || typeof step === "number";
  return typeof on === "string" && isRun && isStep ? { run, step, on } : null;
}

/** Columns of the left table are called `0.name` by the server, those of the right `1.name`. */
const LEFT = "0.";
const RIGHT = "1.";

/** The names that the columns have in the shown table alone. */
export function leftNames(columns: readonly TableColumn[], isJoined: boolean): string[] {
  const names = columns.map(({ name }) => name);
  if (!isJoined) return names;
  return names.filter((name) => name.startsWith(LEFT)).map((name) => name.slice(LEFT.length));
}

/** A column of a joined table. */
export interface ShownColumn extends TableColumn {
  /** The column's name in its own table. */
  readonly own?: string;
  /** The run or the step of its table. */
  readonly table?: string;
}

/** The runs or the steps of the tables of a join. */
export interface JoinedTables {
  readonly left: string;
  readonly right: string;
}

/** Columns with titles that say which table they are of, instead of `0.` and `1.`. */
export function titledColumns(columns: readonly TableColumn[], { left, right }: JoinedTables): ShownColumn[] {
  return columns.map((column) => {
    const { name, title } = column;
    if (!title.endsWith(name)) return column;
    // of groups: `mean of 0.loss`
    const lead = title.slice(0, title.length - name.length);
    const own = lead + name.slice(LEFT.length);
    if (name.startsWith(LEFT)) return { ...column, title: own, own, table: left };
    if (name.startsWith(RIGHT)) return { ...column, title: `${own} · ${right}`, own, table: right };
    return column;
  });
}

/**
 * The names that columns have once the table is joined, or once it is no longer joined. Null: of a column of the right
 * table, which goes with the join.
 *
 * @param own names of columns of the shown table alone; other names, of computed columns, stay
 */
export function joinedName(name: string, isJoined: boolean, own: ReadonlySet<string>): string | null {
  if (isJoined) return own.has(name) ? LEFT + name : name;
  if (name.startsWith(LEFT)) return name.slice(LEFT.length);
  return name.startsWith(RIGHT) ? null : name;
}
