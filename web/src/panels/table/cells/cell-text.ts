import type { TableWindow } from "@/api/files/tables";
import { formatExactly, formatFixed, formatMagnitude, formatValue, withMinus } from "@/data/text/format";
import type { ShownColumn } from "../joined";

/** The look of a column, fitted to its head and its first cells. */
export interface ColumnLook {
  /** Px that it has in the narrowest panel: a text is then cut, a number and an image never. */
  readonly leastPx: number;
  /** Px with which nothing of it is cut, in one line and in two. */
  readonly wholePx: number;
  readonly twoLinesPx: number;
  readonly isNumber: boolean;
  /** Some of its first numbers are not whole: whole ones among them have decimals, too. */
  readonly hasFractions: boolean;
}

const LETTER_PX = 7;
const CAPITAL_PX = 8.6;
const DIGIT_PX = 8;
/** Digits of a number that has too little room for all of its own. */
const MOST_SHORT_DIGITS = 8;
const FEWEST_SHORT_DIGITS = 2;
/** Empty px at both sides of a cell. */
const SIDES_PX = 20;
const LEAST_PX = 48;
const MOST_MEDIA_PX = 280;
/** The least of a column of longer texts: a number after two of them is in view in half a row of panels. */
const CUT_TEXT_PX = 124;
/** Of a text in one line, its part in the longer one of two, which end with a word. */
const TWO_LINES = 0.62;
/** Letters of the name of a run below the title of a column: longer names lose what they share. */
const MOST_TABLE_LETTERS = 14;
/** Height of a thumbnail, and its greatest width, as in `table.css`. */
const THUMB_PX = { height: 42, width: 84 };

/** A window whose columns may name their tables. */
type ShownWindow = Omit<TableWindow, "columns"> & { readonly columns: readonly ShownColumn[] };

/** The looks of a window's columns. @param headPx px of a head besides its title */
export function columnLooks(window: ShownWindow, headPx: number): ColumnLook[] {
  const thumbs = new Map<number, number>();
  for (const { column, items } of window.media) {
    const px = items.reduce((sum, { width, height }) => sum + 4 + thumbPx(width, height), 0);
    thumbs.set(column, Math.max(thumbs.get(column) ?? 0, px));
  }
  return window.columns.map(({ title, type, own = title, table = "" }, index) => {
    const media = thumbs.get(index);
    const isNumber = type === "number";
    const hasFractions =
      isNumber &&
      window.rows.some(({ [index]: cell }) => typeof cell === "number" && !Number.isInteger(cell));
    const widest = (most: number, row: readonly unknown[]) =>
      Math.max(
        most,
        isNumber
          ? numberText(row[index], { hasFractions }).length * DIGIT_PX
          : textPx(cellText(row[index], type)),
      );
    const content = media ?? window.rows.reduce(widest, LETTER_PX);
    const headLetters = Math.max(own.length, Math.min(table.length, MOST_TABLE_LETTERS));
    const contentPx = Math.max(content + SIDES_PX, headLetters * LETTER_PX + SIDES_PX + headPx);
    const wholePx = Math.ceil(Math.max(LEAST_PX, contentPx));
    if (media !== undefined) return fixedLook(Math.min(MOST_MEDIA_PX, wholePx), false);
    if (isNumber) return { ...fixedLook(wholePx, true), hasFractions };
    const leastPx = Math.min(CUT_TEXT_PX, wholePx);
    const twoLinesPx = Math.max(leastPx, Math.round(content * TWO_LINES) + SIDES_PX);
    return { leastPx, wholePx, twoLinesPx, isNumber, hasFractions };
  });
}

/** A column of one width in any room. */
export function fixedLook(px: number, isNumber: boolean): ColumnLook {
  return { leastPx: px, wholePx: px, twoLinesPx: px, isNumber, hasFractions: false };
}

/** The widths of columns side by side, and whether texts that have no room in one line have two. */
export function fitTable(
  looks: readonly ColumnLook[],
  roomPx: number,
): { widths: number[]; isTwoLines: boolean } {
  const isTwoLines = looks.reduce((sum, { wholePx }) => sum + wholePx, 0) > roomPx && looks.some(isText);
  if (!isTwoLines) return { widths: fitColumns(looks, roomPx), isTwoLines };
  const inTwo = looks.map((look) => ({ ...look, wholePx: Math.min(look.wholePx, look.twoLinesPx) }));
  return { widths: fitColumns(inTwo, roomPx), isTwoLines };
}

function isText({ leastPx, wholePx }: ColumnLook): boolean {
  return wholePx > leastPx;
}

/** The widths of columns side by side. Room that is left goes to those that are cut, the shorter ones whole first. */
function fitColumns(looks: readonly Pick<ColumnLook, "leastPx" | "wholePx">[], roomPx: number): number[] {
  const widths = looks.map(({ leastPx }) => leastPx);
  let room = roomPx - widths.reduce((sum, px) => sum + px, 0);
  const cut = looks.flatMap(({ leastPx, wholePx }, index) => (wholePx > leastPx ? [index] : []));
  cut.sort((a, b) => missingPx(looks[a]!) - missingPx(looks[b]!));
  for (const [order, index] of cut.entries()) {
    const extra = Math.max(0, Math.floor(Math.min(missingPx(looks[index]!), room / (cut.length - order))));
    widths[index]! += extra;
    room -= extra;
  }
  return widths;
}

function missingPx({ leastPx, wholePx }: Pick<ColumnLook, "leastPx" | "wholePx">): number {
  return wholePx - leastPx;
}

function thumbPx(width: number | null | undefined, height: number | null | undefined): number {
  const ratio = width && height ? width / height : 1;
  return Math.min(THUMB_PX.width, Math.max(24, THUMB_PX.height * ratio));
}

/** Room of a text in a cell: of an id with its digits, which are wider than most letters. */
function textPx(text: string): number {
  const nDigits = text.match(/\d/g)?.length ?? 0;
  const nCapitals = text.match(/\p{Lu}/gu)?.length ?? 0;
  return nDigits * DIGIT_PX + nCapitals * CAPITAL_PX + (text.length - nDigits - nCapitals) * LETTER_PX;
}

/**
 * A number of a column. One that has no room is a power of ten with fewer digits, and never a shorter number.
 *
 * @param widthPx of the column
 */
export function numberText(
  cell: unknown,
  { hasFractions }: Pick<ColumnLook, "hasFractions">,
  widthPx = Infinity,
): string {
  const isPlain = hasFractions && typeof cell === "number" && Number.isInteger(cell) && Math.abs(cell) < 1000;
  const text =
    isPlain && cell !== 0 ? formatFixed(cell, Math.abs(cell) < 100 ? 4 : 1) : cellText(cell, "number");
  const fits = (shorter: string) => shorter.length * DIGIT_PX <= widthPx - SIDES_PX + 1;
  if (fits(text)) return text;
  for (let digits = MOST_SHORT_DIGITS; digits >= FEWEST_SHORT_DIGITS; digits--) {
    const power = formatMagnitude(Number(cell), digits);
    if (fits(power)) return power;
  }
  return "…";
}

/** A cell in one line. */
export function cellText(cell: unknown, type: string): string {
  if (cell === null || cell === undefined) return "";
  if (typeof cell === "number") return Number.isInteger(cell) ? formatWhole(cell) : formatValue(cell);
  if (typeof cell === "boolean") return String(cell);
  if (typeof cell === "string") return type === "timestamp" ? timeText(cell) : cell;
  return JSON.stringify(cell);
}

/** All of a cell, as it was logged. */
export function wholeText(cell: unknown): string {
  if (typeof cell === "number") return Number.isInteger(cell) ? String(cell) : formatExactly(cell);
  if (typeof cell === "object" && cell !== null) return JSON.stringify(cell, null, 2);
  return String(cell ?? "");
}

/** Ids and labels are whole numbers: without groups, so that they can be compared and copied. */
function formatWhole(n: number): string {
  return Math.abs(n) < 1e15 ? withMinus(String(n)) : formatValue(n);
}

/** `2024-01-01T08:30:00+00:00` as `2024-01-01 08:30:00 UTC`; without a zone if it has none. */
function timeText(iso: string): string {
  return iso.replace("T", " ").replace(/\+00:00$/, " UTC");
}
