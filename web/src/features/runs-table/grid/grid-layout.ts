/** Where the columns of the table lie: the name and what is pinned at the left, the others behind. */

import type { CSSProperties } from "react";
import type { ColumnLayout, TableColumn } from "@/data/table/columns";
import { edgesOf } from "@/data/table/window";
import { isPhone, isTouch, TOUCH_PX } from "@/ui/hooks/use-phone";

/** As the app starts, touched or not; the style sheet has the same. */
export const ROW_PX = isTouch() ? TOUCH_PX : 32;
export const HEAD_PX = isTouch() ? 64 : 54;
const LEAST_NAME_PX = 160;
const NAME_PX = 252;
/** At most as wide as this by itself, for long names; the second on wide pages. */
const MIDDLE_NAME_PX = 288;
const MOST_NAME_PX = 400;
const WIDE_PAGE_PX = 1200;
/** Next to a name: its check box, eye, color and menu; on a phone its state, but no eye and no menu. */
const NAME_SIDE_PX = 116;
const NARROW_SIDE_PX = 76;
/** Before the name of a run in a group, by level. */
const LEVEL_PX = 12;
const LETTER_PX = 6.7;
/** On a phone, where another column has to fit next to it. */
const NARROW_NAME_PX = 196;
const MOST_NARROW_PX = 240;

export interface GridLayout {
  readonly pinned: readonly TableColumn[];
  readonly scrolled: readonly TableColumn[];
  readonly namePx: number;
  /** Of the name and the pinned columns together. */
  readonly pinnedPx: number;
  /** Of the scrolled columns, from the left of the first of them. */
  readonly edges: readonly number[];
  readonly pinnedEdges: readonly number[];
  /** Scrolled columns of another scope than the one before them. */
  readonly bandStarts: ReadonlySet<number>;
  /** Of all of it. */
  readonly widthPx: number;
}

/**
 * Width of the name's column.
 *
 * @param longest letters of the longest name in the list
 * @param nLevels of groups, which move the names of their runs
 */
export function namePx(
  widths: Readonly<Record<string, number>>,
  longest: number,
  pagePx: number,
  nLevels = 0,
): number {
  const namesPx = Math.ceil(longest * LETTER_PX);
  if (isPhone()) {
    const most = clamp(NARROW_SIDE_PX + namesPx, NARROW_NAME_PX, MOST_NARROW_PX);
    return clamp(widths.name ?? most, LEAST_NAME_PX, most);
  }
  const most = pagePx < WIDE_PAGE_PX ? MIDDLE_NAME_PX : MOST_NAME_PX;
  const levelsPx = nLevels * LEVEL_PX;
  return Math.max(LEAST_NAME_PX, widths.name ?? levelsPx + clamp(NAME_SIDE_PX + namesPx, NAME_PX, most));
}

function clamp(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(most, value));
}

export function gridLayout(columns: ColumnLayout, firstPx: number): GridLayout {
  const pinnedEdges = edgesOf(columns.pinned.map((column) => column.widthPx)).map((edge) => edge + firstPx);
  const edges = edgesOf(columns.scrolled.map((column) => column.widthPx));
  const pinnedPx = pinnedEdges.at(-1)!;
  return {
    pinned: columns.pinned,
    scrolled: columns.scrolled,
    namePx: firstPx,
    pinnedPx,
    bandStarts: new Set(
      columns.scrolled.flatMap((column, i) =>
        i > 0 && column.scope !== columns.scrolled[i - 1]!.scope ? [i] : [],
      ),
    ),
    edges,
    pinnedEdges,
    widthPx: pinnedPx + edges.at(-1)!,
  };
}

/** The id of the column at a place of the keyboard: 0 is the name, then what is pinned, then the others. */
export function columnIdAt(layout: GridLayout, index: number): string {
  return columnAt(layout, index)?.id ?? "name";
}

/** The same column; null: the name. */
export function columnAt(layout: GridLayout, index: number): TableColumn | null {
  if (index <= 0) return null;
  return layout.pinned[index - 1] ?? layout.scrolled[index - 1 - layout.pinned.length] ?? null;
}

export function nColumns(layout: GridLayout): number {
  return 1 + layout.pinned.length + layout.scrolled.length;
}

/** Left and right edge of a column, from the left of the table. */
export function edgesAt(layout: GridLayout, index: number): readonly [number, number] {
  if (index <= 0) return [0, layout.namePx];
  const pinned = index - 1;
  if (pinned < layout.pinned.length) return [layout.pinnedEdges[pinned]!, layout.pinnedEdges[pinned + 1]!];
  const scrolled = pinned - layout.pinned.length;
  return [layout.pinnedPx + layout.edges[scrolled]!, layout.pinnedPx + layout.edges[scrolled + 1]!];
}

/** DOM ids, for `aria-activedescendant`. */
export function cellId(row: number, column: string): string {
  return `cell-${row}-${column}`;
}

/** Where a row, or its part at the left, is. */
export function rowProps(index: number, widthPx: number) {
  return {
    "aria-rowindex": index + 3,
    "data-index": index,
    style: { top: index * ROW_PX, width: widthPx },
  };
}

/** Attributes of a cell. `position`: of its column, from 0 for the name. */
export function cellProps(row: number, column: string, position: number, style: CSSProperties) {
  return {
    id: cellId(row, column),
    role: "gridcell",
    tabIndex: -1,
    "aria-colindex": position + 1,
    style,
  };
}
