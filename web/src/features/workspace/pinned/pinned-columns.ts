/**
 * The columns next to the names in the runs list: how they are called, how wide they are, how they read. What
 * runs are sorted by is among them, pinned or not.
 */

import { useMemo } from "react";
import { type FormatCell, formatOf } from "@/data/table/cell-format";
import { columnLabel, distinctLeads, isTimeColumn, labelOf } from "@/data/table/columns";
import { FIRST_VIEW, listedColumns, type NumberLook, sortColumns } from "@/data/view/view";
import { useView } from "../../view/view-store";
import { type ColumnShape, shapeOf } from "./column-shape";

export interface PinnedColumn {
  readonly id: string;
  /** Short, as there is little room: `mIoU`. */
  readonly label: string;
  /** Of a metric whose summary is not its last value: `max`. */
  readonly aggregate: string | null;
  /** Whole: `val/mIoU max`. */
  readonly title: string;
  readonly widthPx: number;
  /** Of its head, which may reach over the name's at its left. */
  readonly headPx: number;
  readonly format: FormatCell;
}

/** A column before its head has a width. */
type Headless = Omit<PinnedColumn, "headPx">;

/** Columns and the widths that they would have with more room. */
type Widths = Pick<PinnedColumn, "id" | "label" | "aggregate" | "widthPx">;

const WIDTHS: Readonly<Record<string, number>> = { runtime: 76, tags: 96, notes: 120, group: 88, host: 80 };
/** The head of the mean run time of groups. */
const RUNTIME_MEAN_PX = 84;
const TIME_PX = 56;
const FIRST_PX = 68;
const AGGREGATE_PX = 24;
/** Before the text of a cell; and what a column of short numbers has for its head. */
const CELL_PX = 8;
const SHORT_PX = 56;
/** A letter of a head, and what stands next to its label: space, and the arrow of the order. */
const LETTER_PX = 6.5;
const HEAD_SIGNS_PX = 28;
/** The number of a sort key among several. */
const ORDER_PX = 14;
/** Beside a name: checkbox, eye, color, state, and the room at the row's end. */
const NAME_SIGNS_PX = 106;
/** Width that the name keeps next to one column, with its checkbox, eye and state, and next to more. */
const NAME_PX = 162;
const EASY_NAME_PX = 204;
/** On a phone: the name's own width at least, also next to several sort keys, and of the eye before it and the menu at the row's end. */
const PHONE_NAME_PX = 160;
const PHONE_KEYS_NAME_PX = 136;
/** A head there, with its arrow and number, has some letters. */
const PHONE_KEY_PX = 76;
const PHONE_ENDS_PX = 80;
/** Width that it needs to be read. */
const ROOMY_NAME_PX = 236;
/** Width that it keeps next to whole heads: names are told apart in it. */
const HEADS_NAME_PX = 214;
/** Width in which a name of 28 letters is whole: default columns give way to it. */
const WHOLE_NAME_PX = 288;
/** The part of the names that is to be whole: a few long ones take no column away. */
const MOST_NAMES = 0.75;
const FIRST_PINNED = FIRST_VIEW.pinned;

/** The name's head: signs next to it, its label with arrow and number, how many columns are cut, and the row's end. */
const NAME_HEAD_PX = 152;

const NO_SHAPE: ColumnShape = { extent: undefined, textPx: null };

function columnOf(
  id: string,
  { extent, textPx }: ColumnShape = NO_SHAPE,
  look: NumberLook | undefined = undefined,
  isGrouped = false,
): Headless {
  const named = labelOf(id);
  const { label } = named;
  // a sum is as likely
  const isMean = isGrouped && id === "runtime";
  const aggregate = isMean ? "mean" : named.aggregate;
  const first = WIDTHS[id] ?? (isTimeColumn(id) ? TIME_PX : FIRST_PX + (aggregate ? AGGREGATE_PX : 0));
  const short = label.slice(Math.max(label.lastIndexOf("/"), label.lastIndexOf(".")) + 1);
  const ownPx = textPx === null ? first : Math.max(SHORT_PX, textPx + CELL_PX);
  const widthPx = isMean ? Math.max(RUNTIME_MEAN_PX, ownPx) : ownPx;
  return {
    id,
    label: short,
    aggregate,
    title: isMean ? `${columnLabel(id)} mean of groups` : columnLabel(id),
    widthPx,
    format: formatOf(id, look, extent),
  };
}

/** The columns with the scope before those names that two of them have. */
function withLeads(columns: readonly Headless[]): Headless[] {
  const leads = distinctLeads(columns);
  return columns.map((column) => {
    const lead = leads.get(column.id)!;
    return lead ? { ...column, label: `${lead}${column.label}`, title: `${lead}${column.title}` } : column;
  });
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

/**
 * The columns without those that all views begin with, as far as names have no room else: the last of them gives way
 * first. Columns that a person chose stay, and those that runs are sorted by.
 */
export function besideNames<Column extends Pick<Widths, "id" | "widthPx">>(
  columns: readonly Column[],
  sorted: readonly string[],
  names: readonly string[],
  listPx: number,
): Column[] {
  const lengths = names.map((name) => name.length).sort((a, b) => a - b);
  const letters = lengths[Math.floor(lengths.length * MOST_NAMES)] ?? 0;
  const wantedPx = Math.min(letters * LETTER_PX + NAME_SIGNS_PX, WHOLE_NAME_PX);
  const isOfFirstView = FIRST_PINNED.every((id) => columns.some((column) => column.id === id));
  const left = [...columns];
  const namePx = () => left.reduce((px, { widthPx }) => px - widthPx, listPx);
  for (const id of isOfFirstView ? FIRST_PINNED.toReversed() : [])
    if (!sorted.includes(id) && namePx() < wantedPx)
      left.splice(
        left.findIndex((column) => column.id === id),
        1,
      );
  return left;
}

/** Columns from the left, as many as have room in a list of this width. */
function fitting(columns: readonly Headless[], listPx: number): Headless[] {
  let room = listPx;
  const end = columns.findIndex(({ widthPx }, i) => {
    room -= widthPx;
    return room < (i === 0 ? NAME_PX : EASY_NAME_PX);
  });
  return end < 0 ? [...columns] : columns.slice(0, end);
}

/**
 * Columns as wide as their heads, as far as names leave room: those first that runs are sorted by, which share it.
 * A head that stays cut leaves out what its metric's summary is: its title has that.
 */
export function withWholeHeads<Column extends Widths>(
  columns: readonly Column[],
  sorted: readonly string[],
  names: readonly string[],
  listPx: number,
): Column[] {
  const longestPx = Math.max(0, ...names.map((name) => name.length)) * LETTER_PX + NAME_SIGNS_PX;
  const widen = (all: readonly Column[], isSorted: boolean, mostNamePx: number) => {
    const namePx = names.length === 0 ? ROOMY_NAME_PX : clamp(longestPx, NAME_PX, mostNamePx);
    const freePx = all.reduce((left, { widthPx }) => left - widthPx, listPx);
    let room = Math.max(0, freePx - namePx);
    // the first head reaches over the name's, and long names have the room below it
    const reachPx = longestPx > namePx ? reachOf(all, listPx) : 0;
    const wanting = all
      .filter(({ id }) => sorted.includes(id) === isSorted)
      .map((column) => {
        const more = headPxOf(column, sorted) - column.widthPx - (column === all[0] ? reachPx : 0);
        return { id: column.id, more: Math.max(0, more) };
      })
      .sort((a, b) => a.more - b.more);
    const added = new Map<string, number>();
    // what a short head leaves of its share is for the longer ones
    for (const [i, { id, more }] of wanting.entries()) {
      const share = Math.min(more, Math.floor(room / (wanting.length - i)));
      added.set(id, share);
      room -= share;
    }
    return all.map((column) => ({ ...column, widthPx: column.widthPx + (added.get(column.id) ?? 0) }));
  };
  const widened = widen(widen(columns, true, HEADS_NAME_PX), false, ROOMY_NAME_PX);
  return withoutCutAggregates(widened, sorted, reachOf(widened, listPx));
}

/** The room of the first head over the name's, px. */
function reachOf(columns: readonly Pick<Widths, "widthPx">[], listPx: number): number {
  return Math.max(0, columns.reduce((left, { widthPx }) => left - widthPx, listPx) - NAME_HEAD_PX);
}

function withoutCutAggregates<Column extends Widths>(
  columns: readonly Column[],
  sorted: readonly string[],
  reachPx = 0,
): Column[] {
  return columns.map((column, i) =>
    column.widthPx + (i === 0 ? reachPx : 0) < headPxOf(column, sorted)
      ? { ...column, aggregate: null }
      : column,
  );
}

function headPxOf({ id, label, aggregate }: Widths, sorted: readonly string[]): number {
  const ofLabel = label.length * LETTER_PX + (aggregate ? AGGREGATE_PX : 0);
  if (!sorted.includes(id)) return Math.ceil(ofLabel + CELL_PX);
  return Math.ceil(ofLabel + HEAD_SIGNS_PX + (sorted.length > 1 ? ORDER_PX : 0));
}

/**
 * The columns with the widths of their heads: the first head also takes the free room of the name's head.
 *
 * @param listPx 0: no head is wider than its column
 */
export function withHeads<Column extends Widths>(
  columns: readonly Column[],
  sorted: readonly string[],
  listPx: number,
): (Column & Pick<PinnedColumn, "headPx">)[] {
  const reachPx = reachOf(columns, listPx);
  return columns.map((column, i) => {
    const { widthPx } = column;
    const more = i > 0 ? 0 : clamp(headPxOf(column, sorted) - widthPx, 0, reachPx);
    return { ...column, headPx: widthPx + more };
  });
}

function clamp(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(most, value));
}

/**
 * The name has what whole columns leave free: none is partly under the menu at the row's end.
 *
 * @param nKeys columns at the left that runs are sorted by; next to several of them the name makes room
 */
export function phoneRow(columns: readonly { readonly widthPx: number }[], listPx: number, nKeys = 0) {
  const room = listPx - PHONE_ENDS_PX;
  let wholePx = 0;
  let columnsPx = 0;
  for (const [i, { widthPx }] of columns.entries()) {
    columnsPx += widthPx;
    if (columnsPx <= room - (i > 0 && i < nKeys ? PHONE_KEYS_NAME_PX : PHONE_NAME_PX)) wholePx = columnsPx;
  }
  const namePx = Math.max(Math.min(PHONE_NAME_PX, room - wholePx), room - wholePx);
  return { namePx, rowPx: namePx + columnsPx + PHONE_ENDS_PX };
}

/**
 * The columns that have room in a list of this width: a sort key that would have none comes first.
 *
 * @param valuesOf what the list shows in a column
 */
export function usePinnedColumns(
  listPx: number,
  isPhone: boolean,
  names: readonly string[],
  valuesOf: (column: string) => readonly unknown[],
): PinnedColumns {
  const pinned = useView((view) => view.pinned);
  const order = useView((view) => view.order);
  const looks = useView((view) => view.table.formats);
  const isGrouped = useView((view) => view.groupBy.length > 0);
  const shapesText = useMemo(
    () =>
      JSON.stringify(
        Object.fromEntries(
          listedColumns({ pinned, order }).map((id) => [id, shapeOf(id, looks[id], valuesOf(id))]),
        ),
      ),
    [pinned, order, looks, valuesOf],
  );
  return useMemo(() => {
    const shapes: Readonly<Record<string, ColumnShape>> = JSON.parse(shapesText);
    const sorted = sortColumns(order);
    const ofList = (ids: readonly string[]) =>
      withLeads(ids.map((id) => columnOf(id, shapes[id], looks[id], isGrouped)));
    const inList = (ids: readonly string[]) =>
      fitting(besideNames(ofList(ids), sorted, names, listPx), listPx);
    const inSight = isPhone ? [] : inList(pinned).map(({ id }) => id);
    const brought = sorted.filter((id) => !inSight.includes(id));
    const ids = [...new Set([...brought, ...pinned])];
    const leastPx = (id: string) => (brought.includes(id) ? PHONE_KEY_PX : 0);
    const ofPhone = () =>
      ofList(ids).map((column) => ({ ...column, widthPx: Math.max(leastPx(column.id), column.widthPx) }));
    const columns = isPhone
      ? withHeads(withoutCutAggregates(ofPhone(), sorted), sorted, 0)
      : withHeads(withWholeHeads(inList(ids), sorted, names, listPx), sorted, listPx);
    const template = `minmax(0, 1fr)${columns.map(({ widthPx }) => ` ${widthPx}px`).join("")}`;
    const cut = ids.filter((id) => columns.every((column) => column.id !== id)).map(columnLabel);
    return { columns, cut, template, phone: isPhone ? phoneRow(columns, listPx, brought.length) : null };
  }, [pinned, order, looks, isGrouped, shapesText, listPx, isPhone, names]);
}
