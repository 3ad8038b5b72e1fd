/**
 * Where each section and panel of a board stands, in px. Pure.
 *
 * All heights are known beforehand, so that of thousands of panels only those in sight need to exist, and
 * a panel can be put anywhere without asking the page.
 */

import { SYSTEM_SECTION } from "../sections";
import type { Board, BoardSection, PanelSize } from "./board";

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface PlacedSection {
  readonly section: BoardSection;
  readonly isOpen: boolean;
  /** On the board, head and panels. */
  readonly box: Box;
  /** From 0. */
  readonly page: number;
  readonly nPages: number;
  /** Where its page begins among the section's panels. */
  readonly first: number;
  /** The panels of its page, from the section's upper left. */
  readonly cells: readonly Box[];
  /** The page on which one of its panels stands. */
  pageOf(index: number): number;
}

export interface BoardLayout {
  readonly sections: readonly PlacedSection[];
  readonly height: number;
  /** Px of one of the twelve columns and the gap after it. */
  readonly pitch: number;
  /** How many panels without a size of their own stand side by side. */
  readonly columns: number;
}

/** As tokens.css has them. */
export const GAP = 8;
export const HEAD_HEIGHT = 32;
export const PANEL_HEIGHT = 236;

export const GRID_COLUMNS = 12;
/** What says that panels may be put into an empty section. */
const EMPTY_HEIGHT = 64;
const NARROWEST_PX = 190;

/** How many panels stand side by side in `width` px. */
function columnsIn(width: number): number {
  if (width < 520) return 1;
  if (width < 800) return 2;
  return width < 1900 ? 3 : 4;
}

/** Rows of panels on a section's page: two fit a screen; where there are few sections, more. */
function rowsFor(sections: readonly BoardSection[]): number {
  const n = sections.filter((section) => section.name !== SYSTEM_SECTION).length;
  return n <= 1 ? 6 : n === 2 ? 3 : 2;
}

/** The columns that a panel needs to be read. */
export function leastSpan(pitch: number): number {
  return Math.min(GRID_COLUMNS, Math.ceil((NARROWEST_PX + GAP) / pitch));
}

export function layoutBoard({ sections, isSearch }: Board, width: number): BoardLayout {
  const columns = columnsIn(width);
  const pitch = (width + GAP) / GRID_COLUMNS;
  const rows = rowsFor(sections);
  const placed: PlacedSection[] = [];
  // Small sections share a row: one is as wide as its panels. A closed one has a row for itself, else it
  // would leave a hole beside the open ones.
  let top = 0;
  let used = GRID_COLUMNS;
  let tallest = 0;
  for (const section of sections) {
    const { view, name } = section;
    const isOpen = isSearch || (view.isOpen ?? name !== SYSTEM_SECTION);
    const span = columns === 1 ? GRID_COLUMNS : (view.span ?? GRID_COLUMNS / columns);
    const page = isOpen
      ? pageOf(section, { pitch, least: leastSpan(pitch), span, rows: view.rows ?? rows })
      : CLOSED;
    const isSmall = isOpen && name !== SYSTEM_SECTION && page.nPages === 1 && page.nRows === 1;
    const wide = isSmall ? page.span : GRID_COLUMNS;
    const height = HEAD_HEIGHT + (isOpen && section.n === 0 ? EMPTY_HEIGHT : page.height);
    if (used + wide > GRID_COLUMNS) {
      top += tallest;
      used = 0;
      tallest = 0;
    }
    placed.push({
      section,
      isOpen,
      box: { x: used * pitch, y: top, width: wide * pitch - GAP, height },
      page: page.page,
      nPages: page.nPages,
      first: page.first,
      cells: page.cells,
      pageOf: page.pageOf,
    });
    used += wide;
    tallest = Math.max(tallest, height);
  }
  return { sections: placed, height: top + tallest, pitch, columns };
}

interface Page {
  readonly page: number;
  readonly nPages: number;
  readonly first: number;
  readonly nRows: number;
  /** Of its one row, in columns; of more rows all of them. */
  readonly span: number;
  readonly height: number;
  readonly cells: readonly Box[];
  pageOf(index: number): number;
}

const CLOSED: Page = {
  page: 0,
  nPages: 1,
  first: 0,
  nRows: 0,
  span: GRID_COLUMNS,
  height: 0,
  cells: [],
  pageOf: () => 0,
};

interface Measures {
  readonly pitch: number;
  readonly least: number;
  readonly span: number;
  readonly rows: number;
}

/** A row of panels: the first one, how many, columns taken, height. */
interface Row {
  readonly first: number;
  readonly spans: readonly number[];
  readonly heights: readonly number[];
  readonly height: number;
}

function pageOf(section: BoardSection, measures: Measures): Page {
  const sizes = section.sizes();
  const {
    rows: all,
    nRows,
    rowOf,
  } = sizes ? rowsOfSizes(section, sizes, measures) : rowsAlike(section, measures);
  const nPages = Math.max(1, Math.ceil(nRows / measures.rows));
  const page = Math.min(section.view.page, nPages - 1);
  const shown = all(page * measures.rows, measures.rows);
  const cells: Box[] = [];
  let y = HEAD_HEIGHT;
  for (const row of shown) {
    let column = 0;
    row.spans.forEach((span, i) => {
      cells.push({
        x: column * measures.pitch,
        y,
        width: span * measures.pitch - GAP,
        height: row.heights[i]!,
      });
      column += span;
    });
    y += row.height + GAP;
  }
  const spans = shown[0]?.spans ?? [];
  return {
    page,
    nPages,
    first: shown[0]?.first ?? 0,
    nRows,
    span: shown.length === 1 ? spans.reduce((sum, span) => sum + span, 0) : GRID_COLUMNS,
    height: y - HEAD_HEIGHT,
    cells,
    pageOf: (index) => Math.floor(rowOf(index) / measures.rows),
  };
}

/** Panels of one size: any row can be told without the others, also of a section with 100,000. */
function rowsAlike(section: BoardSection, { least, span, rows }: Measures) {
  const wide = Math.max(least, span);
  const perRow = Math.max(1, Math.floor(GRID_COLUMNS / wide));
  const height = section.view.height ?? PANEL_HEIGHT;
  const nRows = Math.ceil(section.n / perRow);
  const take = (from: number): Row[] =>
    Array.from({ length: Math.max(0, Math.min(rows, nRows - from)) }, (_, i) => {
      const first = (from + i) * perRow;
      const n = Math.min(perRow, section.n - first);
      return { first, spans: Array(n).fill(wide), heights: Array(n).fill(height), height };
    });
  return { rows: take, nRows, rowOf: (index: number) => Math.floor(index / perRow) };
}

function rowsOfSizes(section: BoardSection, sizes: readonly PanelSize[], { least, span }: Measures) {
  const rows: Row[] = [];
  let spans: number[] = [];
  let heights: number[] = [];
  let first = 0;
  let used = 0;
  const end = (next: number) => {
    if (spans.length > 0) rows.push({ first, spans, heights, height: Math.max(...heights) });
    spans = [];
    heights = [];
    used = 0;
    first = next;
  };
  sizes.forEach((size, i) => {
    const wide = Math.min(GRID_COLUMNS, Math.max(least, size.span ?? span));
    if (used + wide > GRID_COLUMNS) end(i);
    spans.push(wide);
    heights.push(size.height ?? section.view.height ?? PANEL_HEIGHT);
    used += wide;
  });
  end(sizes.length);
  return {
    rows: (from: number, n: number) => rows.slice(from, from + n),
    nRows: rows.length,
    rowOf: (index: number) =>
      Math.max(
        0,
        rows.findLastIndex((row) => row.first <= index),
      ),
  };
}

/** Sections that touch `top` … `bottom`. They lie in order of their upper edges. */
export function sectionsBetween(layout: BoardLayout, top: number, bottom: number): readonly PlacedSection[] {
  return layout.sections.filter(({ box }) => box.y < bottom && box.y + box.height > top);
}

/** Where a panel that is let go at a point would be put. */
export interface Drop {
  readonly section: string;
  /** Among the section's panels, the moved one still counted. */
  readonly index: number;
  /** A bar between two panels, or the section's head; on the board. */
  readonly mark: Box;
  readonly isHead: boolean;
}

const BAR_PX = 3;

/** Null: on no section. */
export function dropAt(layout: BoardLayout, x: number, y: number): Drop | null {
  const over = layout.sections.findLast(
    ({ box }) => y >= box.y && x >= box.x - GAP / 2 && x <= box.x + box.width + GAP / 2,
  );
  if (!over) return null;
  const { section, isOpen, box, cells, first } = over;
  const inY = y - box.y;
  if (!isOpen || cells.length === 0 || inY < HEAD_HEIGHT) {
    const mark = { ...box, height: isOpen && cells.length > 0 ? HEAD_HEIGHT : box.height };
    return { section: section.name, index: isOpen ? 0 : section.n, mark, isHead: true };
  }
  const inX = x - box.x;
  // the row first, then the nearest of it
  const rowTop = cells.findLast((cell) => inY >= cell.y - GAP / 2)?.y ?? cells[0]!.y;
  const at = nearest(cells, inX, rowTop);
  const cell = cells[at]!;
  const isAfter = inX > cell.x + cell.width / 2;
  const edge = isAfter ? cell.x + cell.width + GAP / 2 : cell.x - GAP / 2;
  return {
    section: section.name,
    index: first + at + (isAfter ? 1 : 0),
    mark: { x: box.x + edge - BAR_PX / 2, y: box.y + cell.y, width: BAR_PX, height: cell.height },
    isHead: false,
  };
}

function nearest(cells: readonly Box[], x: number, rowTop: number): number {
  let best = 0;
  let least = Number.POSITIVE_INFINITY;
  cells.forEach((cell, i) => {
    if (cell.y !== rowTop) return;
    const away = Math.abs(x - (cell.x + cell.width / 2)) - cell.width / 2;
    if (away < least) {
      least = away;
      best = i;
    }
  });
  return best;
}

/** Before which section one that is let go at a point would be put, and the bar there. */
export function sectionGapAt(layout: BoardLayout, x: number, y: number): { index: number; mark: Box } {
  const { sections, height, pitch } = layout;
  const width = pitch * GRID_COLUMNS - GAP;
  // of sections that share a row the left and right half count, of others the upper and lower
  const isBefore = ({ box }: PlacedSection) =>
    box.width < width - 1
      ? y < box.y || (y < box.y + box.height && x < box.x + box.width / 2)
      : y < box.y + box.height / 2;
  const found = sections.findIndex(isBefore);
  const index = found < 0 ? sections.length : found;
  const box = sections[index]?.box;
  if (box && box.x > 0)
    return {
      index,
      mark: { x: box.x - (GAP + BAR_PX) / 2, y: box.y, width: BAR_PX, height: box.height - GAP },
    };
  return { index, mark: { x: 0, y: (box?.y ?? height) - BAR_PX / 2, width, height: BAR_PX } };
}
