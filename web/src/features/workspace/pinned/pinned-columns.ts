/**
 * The columns next to the names in the runs list: how they are called, how wide they are, how they read. What
 * runs are sorted by is among them, pinned or not.
 */

import { useMemo } from "react";
import { type FormatCell, formatOf } from "@/data/table/cell-format";
import { columnLabel, isTimeColumn, labelOf } from "@/data/table/columns";
import { listedColumns, sortColumns } from "@/data/view/view";
import { useView } from "../../view/view-store";

export interface PinnedColumn {
  readonly id: string;
  /** Short, as there is little room: `mIoU`. */
  readonly label: string;
  /** Of a metric whose summary is not its last value: `max`. */
  readonly aggregate: string | null;
  /** Whole: `val/mIoU max`. */
  readonly title: string;
  readonly widthPx: number;
  readonly format: FormatCell;
}

const WIDTHS: Readonly<Record<string, number>> = { runtime: 76, tags: 96, notes: 120, group: 88, host: 80 };
const TIME_PX = 56;
const FIRST_PX = 68;
const AGGREGATE_PX = 24;
/** Width that the name keeps next to one column, with its checkbox, eye and state, and next to more. */
const NAME_PX = 162;
const EASY_NAME_PX = 204;
/** On a phone: the name's own width at least, and of the eye before it and the menu at the row's end. */
const PHONE_NAME_PX = 176;
const PHONE_ENDS_PX = 80;
/** Width that it needs to be read. */
const ROOMY_NAME_PX = 236;

function columnOf(id: string): PinnedColumn {
  const { label, aggregate } = labelOf(id);
  const short = label.slice(Math.max(label.lastIndexOf("/"), label.lastIndexOf(".")) + 1);
  return {
    id,
    label: short,
    aggregate,
    title: columnLabel(id),
    widthPx: WIDTHS[id] ?? (isTimeColumn(id) ? TIME_PX : FIRST_PX + (aggregate ? AGGREGATE_PX : 0)),
    format: formatOf(id, undefined, undefined),
  };
}

interface PinnedColumns {
  readonly columns: readonly PinnedColumn[];
  /** Names of those that have no room. */
  readonly cut: readonly string[];
  /** Of the list's grid. */
  readonly template: string;
  /** On a phone, where all columns are there and scroll behind the name. */
  readonly phone: { readonly namePx: number; readonly rowPx: number } | null;
}

/** Pinned columns and sort keys: the list has the values of all of them. */
export function useListedColumns(): readonly string[] {
  const pinned = useView((view) => view.pinned);
  const order = useView((view) => view.order);
  return useMemo(() => listedColumns({ pinned, order }), [pinned, order]);
}

/** The width of a list in which names and all pinned columns can be read. */
export function useRoomyWidth(): number {
  const pinned = useView((view) => view.pinned);
  return useMemo(() => pinned.reduce((sum, id) => sum + columnOf(id).widthPx, ROOMY_NAME_PX), [pinned]);
}

/** Columns from the left, as many as have room in a list of this width. */
function fitting(ids: readonly string[], listPx: number): PinnedColumn[] {
  const columns: PinnedColumn[] = [];
  let room = listPx;
  for (const column of ids.map(columnOf)) {
    room -= column.widthPx;
    if (room < (columns.length === 0 ? NAME_PX : EASY_NAME_PX)) break;
    columns.push(column);
  }
  return columns;
}

/** The columns that have room in a list of this width: a sort key that would have none comes first. */
export function usePinnedColumns(listPx: number, isPhone: boolean): PinnedColumns {
  const pinned = useView((view) => view.pinned);
  const order = useView((view) => view.order);
  return useMemo(() => {
    const inSight = isPhone ? [] : fitting(pinned, listPx).map(({ id }) => id);
    const brought = sortColumns(order).filter((id) => !inSight.includes(id));
    const ids = [...new Set([...brought, ...pinned])];
    const columns = isPhone ? ids.map(columnOf) : fitting(ids, listPx);
    const template = `minmax(0, 1fr)${columns.map(({ widthPx }) => ` ${widthPx}px`).join("")}`;
    const cut = ids.slice(columns.length).map(columnLabel);
    const columnsPx = columns.reduce((sum, { widthPx }) => sum + widthPx, PHONE_ENDS_PX);
    const namePx = Math.max(PHONE_NAME_PX, listPx - columnsPx);
    return { columns, cut, template, phone: isPhone ? { namePx, rowPx: namePx + columnsPx } : null };
  }, [pinned, order, listPx, isPhone]);
}
