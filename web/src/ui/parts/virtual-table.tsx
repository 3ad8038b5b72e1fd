/**
 * A table of any number of rows, of which only those in sight are in the page; a click on a head sorts it.
 */

import { type CSSProperties, type KeyboardEvent, type MouseEvent, type ReactNode, useEffect } from "react";
import type { Span } from "@/data/table/window";
import { isTouch, usePhone } from "@/ui/hooks/use-phone";
import { useVirtualRows } from "@/ui/hooks/use-virtual-rows";
import { Icon } from "@/ui/signs/icons";
import { type FittedColumn, useFittedWidths } from "./fitted-widths";
import "./virtual-table.css";

export interface TableHead {
  readonly id: string;
  readonly title: ReactNode;
  readonly minPx: number;
  /** Share of the remaining room that it takes; without it none. */
  readonly grow?: number;
  /** Numbers stand at the right, and their column is as wide as the widest of them. */
  readonly isNumber?: boolean;
  /** Width up to which a column of texts grows to them. */
  readonly mostPx?: number;
  /** A click on it does not sort. */
  readonly isFixed?: boolean;
  /** On a phone it is next to the first. */
  readonly isKey?: boolean;
  /** Of the first column: width up to which it grows on a phone. */
  readonly phoneMostPx?: number;
}

interface VirtualTableProps<Row> {
  readonly label: string;
  readonly heads: readonly TableHead[];
  readonly rows: readonly Row[];
  readonly sort: { readonly column: string; readonly isDown: boolean } | null;
  keyOf(row: Row, index: number): string;
  cellOf(row: Row, column: string): ReactNode;
  onSort(column: string): void;
  /** Tells which rows are in the page, so that their content may come then. Stable. */
  onSpan?(span: Span): void;
  /** Without it rows scroll sideways on a phone. */
  readonly phone?: PhoneRows;
}

/** Rows of several lines, for a page too narrow for the columns. Heads that no line names are left out. */
export interface PhoneRows {
  /** Ids of heads by line; one that stands in two lines is as high as both. */
  readonly lines: readonly (readonly string[])[];
  /** `grid-template-columns` of the lines. */
  readonly columns: string;
  readonly px: number;
}

const ROW_PX = 34;
const NO_COLUMNS: readonly FittedColumn[] = [];
/** Of the first column on a phone, where it stands still. */
const NARROW_PX = 168;
/** Of a column of numbers. */
const MOST_NUMBER_PX = 320;

function onPhone([first, ...others]: readonly TableHead[]): readonly TableHead[] {
  if (!first) return [];
  const keys = others.filter(({ isKey }) => isKey);
  const { phoneMostPx: mostPx = NARROW_PX } = first;
  return [{ ...first, minPx: NARROW_PX, mostPx }, ...new Set([...keys, ...others])];
}

function inLines(heads: readonly TableHead[], { lines }: PhoneRows): readonly TableHead[] {
  const ids = new Set(lines.flat());
  return heads.filter(({ id }) => ids.has(id));
}

function linesStyle({ lines, columns, px }: PhoneRows): CSSProperties {
  return {
    gridTemplateAreas: lines.map((line) => `"${line.join(" ")}"`).join(" "),
    gridTemplateColumns: columns,
    height: px,
  };
}

function columnsOf(heads: readonly TableHead[]): string {
  return heads.map(({ minPx, grow }) => (grow ? `minmax(${minPx}px, ${grow}fr)` : `${minPx}px`)).join(" ");
}

function fittedColumn({ id, isNumber, mostPx }: TableHead): FittedColumn {
  return { id, mostPx: mostPx ?? (isNumber ? MOST_NUMBER_PX : null) };
}

export function VirtualTable<Row>(props: VirtualTableProps<Row>) {
  const { label, rows, sort, keyOf, cellOf, onSort, onSpan } = props;
  const isPhone = usePhone();
  const lined = (isPhone && props.phone) || null;
  const { scroll, list } = useVirtualRows(rows.length, lined?.px ?? ROW_PX);
  const columns = lined ? inLines(props.heads, lined) : isPhone ? onPhone(props.heads) : props.heads;
  const widths = useFittedWidths(scroll, lined ? NO_COLUMNS : columns.map(fittedColumn));
  const items = list.getVirtualItems();
  const [first, end] = [items[0]?.index ?? 0, (items.at(-1)?.index ?? -1) + 1];
  useEffect(() => onSpan?.({ first, end }), [onSpan, first, end]);
  const heads = columns.map((head) => ({ ...head, minPx: Math.max(head.minPx, widths.get(head.id) ?? 0) }));
  const headStyle = lined ? undefined : { gridTemplateColumns: columnsOf(heads) };
  const rowStyle = lined ? linesStyle(lined) : headStyle;
  const minWidth = lined ? undefined : heads.reduce((sum, { minPx }) => sum + minPx, 0);
  /** From the link of a row to the next one: the rows that are out of sight can't take the focus by Tab. */
  const onKeyDown = (event: KeyboardEvent) => {
    const by = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    const row = (event.target as Element).closest<HTMLElement>("[data-row]");
    if (by === 0 || !row) return;
    const next = Number(row.dataset.row) + by;
    if (next < 0 || next >= rows.length) return;
    event.preventDefault();
    list.scrollToIndex(next, { align: "auto" });
    requestAnimationFrame(() =>
      scroll.current?.querySelector<HTMLElement>(`[data-row="${next}"] a`)?.focus({ preventScroll: true }),
    );
  };
  return (
    <div
      className={`virtual-table ${lined ? "lined" : ""}`}
      role="table"
      aria-label={label}
      aria-rowcount={rows.length + 1}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled area must be reachable by keyboard
      tabIndex={0}
      ref={scroll}
      onKeyDown={onKeyDown}
    >
      <div role="rowgroup" className="virtual-heads" style={{ minWidth }}>
        <div role="row" aria-rowindex={1} style={headStyle}>
          {heads.map((head) => (
            <Head key={head.id} head={head} sort={sort} onSort={onSort} />
          ))}
        </div>
      </div>
      <div role="rowgroup" className="virtual-rows" style={{ height: list.getTotalSize(), minWidth }}>
        {items.map(({ index, start }) => {
          const row = rows[index]!;
          return (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the links in it have the keys
            <div
              key={keyOf(row, index)}
              role="row"
              aria-rowindex={index + 2}
              data-row={index}
              onClick={openByFinger}
              style={{ ...rowStyle, transform: `translateY(${start}px)` }}
            >
              {heads.map(({ id, isNumber }) => (
                <div
                  key={id}
                  role="cell"
                  className={isNumber ? "number" : undefined}
                  style={lined ? { gridArea: id } : undefined}
                >
                  {isNumber ? <span className="ell">{cellOf(row, id)}</span> : cellOf(row, id)}
                </div>
              ))}
            </div>
          );
        })}
      </div>
    </div>
  );
}

/** A finger anywhere on a row opens the row's first link. */
function openByFinger({ target, currentTarget }: MouseEvent<HTMLElement>): void {
  if (!isTouch() || (target as Element).closest("a, button, input, label")) return;
  currentTarget.querySelector("a")?.click();
}

interface HeadProps {
  readonly head: TableHead;
  readonly sort: VirtualTableProps<unknown>["sort"];
  onSort(column: string): void;
}

function Head({ head: { id, title, isNumber, isFixed }, sort, onSort }: HeadProps) {
  const isSorted = sort?.column === id;
  return (
    <div
      role="columnheader"
      className={isNumber ? "number" : undefined}
      aria-sort={isSorted ? (sort.isDown ? "descending" : "ascending") : undefined}
    >
      {isFixed ? (
        title
      ) : (
        <button type="button" onClick={() => onSort(id)}>
          <span className="ell">{title}</span>
          {isSorted && <Icon name={sort.isDown ? "down" : "up"} isSmall />}
        </button>
      )}
    </div>
  );
}
