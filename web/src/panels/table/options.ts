/**
 * Options of a table panel. Pure.
 */

import type { TableSort } from "@/api/files/tables";
import { isInStep } from "@/data/view/media-steps";
import type { Panel } from "@/data/view/panel";
import { numberOption, textOption, textsOption } from "../over-runs/options";
import { type JoinOption, joinOption } from "./joined";
import { isCondition, type TableFilter } from "./tools/conditions";

export interface TableOptions {
  /** The run whose table is shown first, and which of several: see `TableEntry`. Null: the first. */
  readonly entry: string | null;
  /** Tables that are shown side by side, of as many runs. */
  readonly nTables: number;
  readonly isInStep: boolean;
  readonly rows: RowOptions;
}

/** Shown rows and columns, the same in all tables of a panel. */
export interface RowOptions {
  readonly search: string;
  readonly sort: TableSort | null;
  readonly filters: readonly TableFilter[];
  /** One row for each value of this column. Null: the rows themselves. */
  readonly group: string | null;
  readonly join: JoinOption | null;
  /** Columns that are not drawn, by name. */
  readonly hidden: readonly string[];
  /** Px, of columns that a user made wider or narrower. */
  readonly widths: Readonly<Record<string, number>>;
}

export const MOST_TABLES = 4;

export function tableOptions({ options }: Pick<Panel, "options">): TableOptions {
  const nTables = Math.round(numberOption(options, "nTables") ?? 1);
  return {
    entry: textOption(options, "entry"),
    nTables: Math.max(1, Math.min(MOST_TABLES, nTables)),
    isInStep: isInStep({ options }),
    rows: {
      search: textOption(options, "search") ?? "",
      sort: sortOption(options.sort),
      filters: Array.isArray(options.filters) ? options.filters.filter(isCondition) : [],
      group: textOption(options, "group"),
      join: joinOption(options.join),
      hidden: textsOption(options, "hidden"),
      widths: widthsOption(options.widths),
    },
  };
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

function widthsOption(value: unknown): Readonly<Record<string, number>> {
  if (typeof value !== "object" || value === null) return {};
  return Object.fromEntries(
    Object.entries(value).filter(([, px]) => typeof px === "number" && Number.isFinite(px)),
  );
}
