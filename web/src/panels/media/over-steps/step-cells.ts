/** Media of runs in columns of x: the columns that fit, and the cell that each media belongs to. Pure. */

import type { MediaSeries } from "@/api/files/media";
import type { PanelRun } from "../../panel-props";
import type { MediaGroup } from "../grid/media-groups";

/** Most series × columns that the server answers at once. */
const MOST_MEDIA = 1000;
/** Narrow panels scroll sideways to this many. */
const LEAST_COLUMNS = 5;
/** Width of a cell, in parts of the panel's least width of images: wanted, and where columns scroll or are few. */
const CELL = { wanted: 0.75, least: 0.5, most: 1.5 };

/**
 * The number of columns that a width has room for, and that the server answers at once.
 *
 * @param room width of all columns, px
 * @param size least width of an image in the gallery, px
 * @param nSeries number of runs × metrics
 */
export function columnCount(room: number, size: number, nSeries: number): number {
  const fitting = Math.max(LEAST_COLUMNS, Math.floor(room / (size * CELL.wanted)));
  return Math.max(1, Math.min(fitting, Math.floor(MOST_MEDIA / Math.max(1, nSeries))));
}

/** The width of each of so many columns, px. */
export function columnWidth(room: number, size: number, nColumns: number): number {
  const even = Math.floor(room / Math.max(1, nColumns));
  return Math.max(size * CELL.least, Math.min(size * CELL.most, even));
}

/** At most so many of ascending x, evenly spread over them, with the first and the last. */
export function evenly(all: readonly number[], most: number): readonly number[] {
  if (all.length <= most) return all;
  if (most === 1) return all.slice(-1);
  const gap = (all.length - 1) / (most - 1);
  return Array.from({ length: most }, (_, nth) => all[Math.round(nth * gap)]!);
}

/** The media of one metric of one run. */
export interface StepRow {
  readonly run: PanelRun;
  readonly key: string;
  /** Of each column; null: nothing was logged since the column before. */
  readonly cells: readonly (MediaSeries | null)[];
}

/** A row for each run and key with any media, in the order of the runs. Each media is in the first column from its x on. */
export function stepRows(
  runs: readonly PanelRun[],
  keys: readonly string[],
  columns: readonly number[],
  series: readonly MediaSeries[],
): StepRow[] {
  const cellsOf = new Map<string, (MediaSeries | null)[]>();
  for (const entry of series) {
    const column = columns.findIndex((x) => entry.x !== null && entry.x <= x);
    if (column < 0) continue;
    const name = JSON.stringify([entry.run, entry.key]);
    const cells = cellsOf.get(name) ?? columns.map(() => null);
    const before = cells[column];
    if (!before || (before.x ?? 0) <= (entry.x ?? 0)) cells[column] = entry;
    cellsOf.set(name, cells);
  }
  return runs.flatMap((run) =>
    keys.flatMap((key) => {
      const cells = cellsOf.get(JSON.stringify([run.id, key]));
      return cells ? [{ run, key, cells }] : [];
    }),
  );
}

/** The last media of each row up to a column, for the viewer. */
export function groupsAt(rows: readonly StepRow[], column: number): MediaGroup[] {
  return rows.map((row) => {
    const last = row.cells.slice(0, column + 1).findLast((cell) => cell !== null);
    return groupOf(row, last ?? null);
  });
}

export function allGroups(rows: readonly StepRow[]): MediaGroup[] {
  return rows.flatMap((row) => row.cells.map((cell) => groupOf(row, cell)));
}

function groupOf({ run, key }: StepRow, cell: MediaSeries | null): MediaGroup {
  return { run, key, step: cell?.step ?? null, items: cell?.items ?? [], nItems: cell?.n_items ?? 0 };
}
