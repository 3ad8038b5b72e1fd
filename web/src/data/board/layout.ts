/**
 * Where each section and panel of a board stands, in px. Pure.
 *
 * All heights are known beforehand, so only those of thousands of panels that are in sight need to exist, and
 * a panel can be put anywhere without asking the page.
 */

import { SYSTEM_SECTION } from "../metrics/sections";
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
  /** Number of panels side by side that have no size of their own. */
  readonly columns: number;
  /** Of a section's head, px; 0: its panels stand without one. */
  readonly headHeight: number;
}

/** A panel whose page is shown, whichever it comes to be on, until its section is turned to another page. */
export interface HeldPanel {
  readonly id: string;
  readonly section: string;
  /** The page its section had by the view when it was taken. */
  readonly page: number;
}

/** As tokens.css has them. */
export const GAP = 8;
export const HEAD_HEIGHT = 32;
export const PANEL_HEIGHT = 236;

export const GRID_COLUMNS = 12;
/** Height of the text that panels may be put into an empty section. */
const EMPTY_HEIGHT = 64;
/** The line that tells of panels without data. */
export const FOLD_HEIGHT = 32;
const NARROWEST_PX = 190;

/** Number of panels side by side in `width` px. */
function columnsIn(width: number): number {
  if (width < 520) return 1;
  if (width < 800) return 2;
  return width < 1900 ? 3 : 4;
}

/** Rows of panels on a section's page: two fit a screen; where there are few sections, more. */
function rowsFor(sections: readonly BoardSection[]): number {
  const n = sections.filter(({ name, isLate }) => name !== SYSTEM_SECTION && !isLate).length;
  return n <= 1 ? 6 : n === 2 ? 3 : 2;
}

/** The columns that a panel needs to be read; all of them where panels stand one below another. */
export function leastSpan(pitch: number): number {
  if (columnsIn(pitch * GRID_COLUMNS - GAP) === 1) return GRID_COLUMNS;
  return Math.min(GRID_COLUMNS, Math.ceil((NARROWEST_PX + GAP) / pitch));
}

export function layoutBoard(
  { sections, isSearch }: Board,
  width: number,
  held: HeldPanel | null = null,
  headHeight = HEAD_HEIGHT,
): BoardLayout {
  const columns = columnsIn(width);
  const pitch = (width + GAP) / GRID_COLUMNS;
  const rows = rowsFor(sections);
  const placed: PlacedSection[] = [];
  // Small sections share a row: one is as wide as its panels. A closed one has a row for itself, else it
  // would leave a hole next to the open ones.
  let top = 0;
  let used = GRID_COLUMNS;
  let tallest = 0;
  const isOpenNow = ({ view, isClosedFirst }: BoardSection) => isSearch || (view.isOpen ?? !isClosedFirst);
  const measuresOf = ({ view }: BoardSection) => {
    const span = columns === 1 ? GRID_COLUMNS : (view.span ?? GRID_COLUMNS / columns);
    return { pitch, least: leastSpan(pitch), span, rows: view.rows ?? rows, headHeight };
  };
  const before = (section: BoardSection) =>
    isOpenNow(section) ? widthBefore(section, measuresOf(section)) : GRID_COLUMNS;
  for (const [i, section] of sections.entries()) {
    const { name } = section;
    const isOpen = isOpenNow(section);
    const measures = measuresOf(section);
    const limit = section.nLate > 0 ? roomFor(before(section), used, sections[i + 1], before) : GRID_COLUMNS;
    const page = isOpen ? pageOf(section, { ...measures, columns: limit }, indexOf(section, held)) : CLOSED;
    const wasBare = section.nLate > 0 && section.nLate === section.n;
    const isSmall = isOpen && name !== SYSTEM_SECTION && page.nPages === 1 && page.nRows === 1 && !wasBare;
    const wide = isSmall ? page.span : limit;
    const bare = section.nFoldable === 0 ? EMPTY_HEIGHT : 0;
    const line = isOpen && section.nFoldable > 0 ? FOLD_HEIGHT : 0;
    const height = headHeight + (isOpen && section.n === 0 ? bare : page.height) + line;
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
  return { sections: placed, height: top + tallest, pitch, columns, headHeight };
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
  /** The most that a row of panels takes. */
  readonly columns: number;
  readonly headHeight: number;
}

/** The columns of a section before panels came to it. */
function widthBefore(section: BoardSection, { least, span }: Omit<Measures, "columns">): number {
  const nBefore = section.n - section.nLate;
  if (nBefore === 0 || section.name === SYSTEM_SECTION || section.sizes()) return GRID_COLUMNS;
  return Math.min(GRID_COLUMNS, nBefore * Math.max(least, span));
}

/** The columns of a section to which panels came: next to another one it grows downwards only. */
function roomFor(
  width: number,
  used: number,
  next: BoardSection | undefined,
  before: (section: BoardSection) => number,
): number {
  const room = used + width > GRID_COLUMNS ? GRID_COLUMNS : GRID_COLUMNS - used;
  return next && !next.isLate && width + before(next) <= room ? width : room;
}

/** A row of panels: the first one, how many, columns taken, height. */
interface Row {
  readonly first: number;
  readonly spans: readonly number[];
  readonly heights: readonly number[];
  readonly height: number;
}

/** Where a held panel stands in a section; null: it is not held there any more. */
function indexOf(section: BoardSection, held: HeldPanel | null): number | null {
  if (held?.section !== section.name || held.page !== section.view.page) return null;
  const index = section.ids().indexOf(held.id);
  return index < 0 ? null : index;
}

/** @param held its page is shown; null: the one that the view says */
function pageOf(section: BoardSection, measures: Measures, held: number | null): Page {
  const sizes = section.sizes();
  const {
    rows: all,
    nRows,
    rowOf,
  } = sizes ? rowsOfSizes(section, sizes, measures) : rowsAlike(section, measures);
  const nPages = countPages(nRows, measures.rows, all);
  const requestedPage = held === null ? section.view.page : Math.floor(rowOf(held) / measures.rows);
  const page = Math.min(requestedPage, nPages - 1);
  const isLast = page === nPages - 1;
  // the last page may have a row more
  const shown = all(page * measures.rows, isLast ? measures.rows + 1 : measures.rows);
  const cells: Box[] = [];
  let y = measures.headHeight;
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
    height: y - measures.headHeight,
    cells,
    pageOf: (index) => Math.min(nPages - 1, Math.floor(rowOf(index) / measures.rows)),
  };
}

/** Number of pages of rows: a last page of one panel alone is a row more on the page before. */
function countPages(nRows: number, perPage: number, rows: (from: number, n: number) => Row[]): number {
  const nPages = Math.max(1, Math.ceil(nRows / perPage));
  const nLast = nRows - (nPages - 1) * perPage;
  if (nPages === 1 || nLast > 1 || rows(nRows - 1, 1)[0]!.spans.length > 1) return nPages;
  const before = rows(nRows - 1 - perPage, perPage);
  // where each page has one panel, this one is not alone among others
  return before.reduce((n, row) => n + row.spans.length, 0) > 1 ? nPages - 1 : nPages;
}

/** Panels of one size: any row can be told without the others, also of a section with 100,000. */
function rowsAlike(section: BoardSection, { least, span, columns }: Measures) {
  const wide = Math.max(least, span);
  const perRow = Math.max(1, Math.floor(columns / wide));
  const height = section.view.height ?? PANEL_HEIGHT;
  const nRows = Math.ceil(section.n / perRow);
  const take = (from: number, most: number): Row[] =>
    Array.from({ length: Math.max(0, Math.min(most, nRows - from)) }, (_, i) => {
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

/** Sections that touch `top` … `bottom`. They are sorted by their upper edges. */
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
  if (!isOpen || cells.length === 0 || inY < layout.headHeight) {
    const mark = { ...box, height: isOpen && cells.length > 0 ? layout.headHeight : box.height };
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
  const nextIndex = sections.findIndex(isBefore);
  const index = nextIndex < 0 ? sections.length : nextIndex;
  const box = sections[index]?.box;
  if (box && box.x > 0)
    return {
      index,
      mark: { x: box.x - (GAP + BAR_PX) / 2, y: box.y, width: BAR_PX, height: box.height - GAP },
    };
  return { index, mark: { x: 0, y: (box?.y ?? height) - BAR_PX / 2, width, height: BAR_PX } };
}
