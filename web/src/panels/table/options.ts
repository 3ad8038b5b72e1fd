import type { ComputedColumn, TableSort } from "@/api/files/tables";
import type { Panel } from "@/data/view/panel";
import { inStep, numbersByName, optionsReader, text, texts, whole } from "../settings/options";
import { type JoinOption, joinedName, joinOption } from "./joined";
import { type PlotOption, plotOption } from "./plot/plot-spec";
import { isCondition, type TableFilter } from "./tools/conditions";

/** Shown rows and columns, the same in all tables of a panel. */
export interface RowOptions {
  readonly search: string;
  readonly sort: TableSort | null;
  readonly filters: readonly TableFilter[];
  /** One row for each value of this column. Null: the rows themselves. */
  readonly group: string | null;
  readonly join: JoinOption | null;
  /** Columns of numbers that are computed from others. */
  readonly computed: readonly ComputedColumn[];
  /** A drawing of the rows in place of the rows. Null: the rows. */
  readonly plot: PlotOption | null;
  /** Columns that are not drawn, by name. */
  readonly hidden: readonly string[];
  /** Px, of columns that a user made wider or narrower. */
  readonly widths: Readonly<Record<string, number>>;
}

export const MOST_TABLES = 4;

export const TABLE_OPTIONS = {
  /** The run whose table is shown first, and which of several: see `TableEntry`. Null: the first. */
  entry: text,
  /** Tables that are shown side by side, of as many runs. */
  nTables: whole("Side by side", 1, 1, MOST_TABLES),
  isInStep: inStep,
};
const readTable = optionsReader(TABLE_OPTIONS);

export function tableOptions(panel: Pick<Panel, "options">) {
  const { options } = panel;
  const rows: RowOptions = {
    search: text.read(options.search) ?? "",
    sort: sortOption(options.sort),
    filters: Array.isArray(options.filters) ? options.filters.filter(isCondition) : [],
    group: text.read(options.group),
    join: joinOption(options.join),
    computed: Array.isArray(options.computed) ? options.computed.filter(isComputed) : [],
    plot: plotOption(options.plot),
    hidden: texts.read(options.hidden),
    widths: numbersByName.read(options.widths),
  };
  return { ...readTable(panel), rows };
}

/** Whether rows are left out. */
export function isNarrowed({ search, filters }: RowOptions): boolean {
  return search !== "" || filters.length > 0;
}

function sortOption(value: unknown): TableSort | null {
  if (typeof value !== "object" || value === null) return null;
  const { column, descending } = value as Partial<Record<string, unknown>>;
  return typeof column === "string" ? { column, descending: descending === true } : null;
}

function isComputed(value: unknown): value is ComputedColumn {
  if (typeof value !== "object" || value === null) return false;
  const { name, expression } = value as Partial<Record<string, unknown>>;
  return typeof name === "string" && typeof expression === "string";
}

/** Other computed columns, and the order, groups, conditions and plot without those that are gone. */
export function withComputed(options: RowOptions, computed: readonly ComputedColumn[]) {
  const names = new Set(computed.map(({ name }) => name));
  const isGone = (name: string | null | undefined) =>
    name != null && !names.has(name) && options.computed.some((column) => column.name === name);
  const { sort, group, filters, plot } = options;
  return {
    computed,
    sort: isGone(sort?.column) ? null : sort,
    group: isGone(group) ? null : group,
    filters: filters.filter(({ column }) => !isGone(column)),
    plot: plot && [plot.x, plot.y, plot.color].some(isGone) ? null : plot,
  };
}

/**
 * Another join, and the order, conditions, groups, plot and hidden columns of the shown table by the names that its columns
 * have then.
 *
 * @param names of the columns of the shown table alone
 */
export function withJoin(options: RowOptions, join: JoinOption | null, names: readonly string[]) {
  const isJoined = join !== null;
  if (isJoined === (options.join !== null)) return { join };
  const { sort, filters, group, hidden, widths, plot, computed } = options;
  const own = new Set(names.filter((name) => computed.every((column) => column.name !== name)));
  const renamed = (name: string | null) => (name === null ? null : joinedName(name, isJoined, own));
  const column = renamed(sort?.column ?? null);
  const x = renamed(plot?.x ?? null);
  const renamedWidths = Object.entries(widths).flatMap(([name, px]) => {
    const next = renamed(name);
    return next === null ? [] : [[next, px] as const];
  });
  return {
    join,
    // of groups, the number of rows is a column as well
    sort: sort && column !== null && group === null ? { ...sort, column } : null,
    filters: filters.flatMap((filter) => {
      const name = renamed(filter.column);
      return name === null ? [] : [{ ...filter, column: name }];
    }),
    group: renamed(group),
    hidden: hidden.flatMap((name) => renamed(name) ?? []),
    widths: Object.fromEntries(renamedWidths),
    plot: plot && x !== null ? { ...plot, x, y: renamed(plot.y), color: renamed(plot.color) } : null,
  };
}
