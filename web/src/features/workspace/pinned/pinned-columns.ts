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
/** A letter of a head, and what stands next to its label: space, and the arrow of the order. */
const LETTER_PX = 6.5;
const HEAD_SIGNS_PX = 28;
/** Beside a name: checkbox, eye, color, state, and the room at the row's end. */
const NAME_SIGNS_PX = 106;
/** Width that the name keeps next to one column, with its checkbox, eye and state, and next to more. */
const NAME_PX = 162;
const EASY_NAME_PX = 204;
/** On a phone: the name's own width at least, and of the eye before it and the menu at the row's end. */
const PHONE_NAME_PX = 160;
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

/** Columns with those that runs are sorted by as wide as their heads, as far as names leave room. */
export function withWholeHeads<Column extends Pick<PinnedColumn, "id" | "label" | "aggregate" | "widthPx">>(
  columns: readonly Column[],
  sorted: readonly string[],
  names: readonly string[],
  listPx: number,
): Column[] {
  const longestPx = Math.max(0, ...names.map((name) => name.length)) * LETTER_PX + NAME_SIGNS_PX;
  const namePx = names.length === 0 ? ROOMY_NAME_PX : clamp(longestPx, NAME_PX, ROOMY_NAME_PX);
  let room = columns.reduce((left, { widthPx }) => left - widthPx, listPx - namePx);
  return columns.map((column) => {
    const { id, label, aggregate, widthPx } = column;
    const headPx = HEAD_SIGNS_PX + label.length * LETTER_PX + (aggregate ? AGGREGATE_PX : 0);
    const more = sorted.includes(id) ? Math.max(0, Math.min(room, headPx - widthPx)) : 0;
    room -= more;
    return more > 0 ? { ...column, widthPx: widthPx + more } : column;
  });
}

function clamp(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(most, value));
}

/** The name has what whole columns leave free: none is partly under the menu at the row's end. */
export function phoneRow(columns: readonly { readonly widthPx: number }[], listPx: number) {
  const room = listPx - PHONE_ENDS_PX;
  let wholePx = 0;
  let columnsPx = 0;
  for (const { widthPx } of columns) {
    columnsPx += widthPx;
    if (columnsPx <= room - PHONE_NAME_PX) wholePx = columnsPx;
  }
  const namePx = Math.max(PHONE_NAME_PX, room - wholePx);
  return { namePx, rowPx: namePx + columnsPx + PHONE_ENDS_PX };
}

/** The columns that have room in a list of this width: a sort key that would have none comes first. */
export function usePinnedColumns(listPx: number, isPhone: boolean, names: readonly string[]): PinnedColumns {
  const pinned = useView((view) => view.pinned);
  const order = useView((view) => view.order);
  return useMemo(() => {
    const inSight = isPhone ? [] : fitting(pinned, listPx).map(({ id }) => id);
    const brought = sortColumns(order).filter((id) => !inSight.includes(id));
    const ids = [...new Set([...brought, ...pinned])];
    const columns = isPhone
      ? ids.map(columnOf)
      : withWholeHeads(fitting(ids, listPx), sortColumns(order), names, listPx);
    const template = `minmax(0, 1fr)${columns.map(({ widthPx }) => ` ${widthPx}px`).join("")}`;
    const cut = ids.slice(columns.length).map(columnLabel);
    return { columns, cut, template, phone: isPhone ? phoneRow(columns, listPx) : null };
  }, [pinned, order, listPx, isPhone, names]);
}
