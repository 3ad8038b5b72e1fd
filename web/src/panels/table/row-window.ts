/** Browsers draw no element that is taller, px; a longer table scrolls by more than it is moved. */
const MOST_PX = 12_000_000;

export interface RowWindow {
  /** Height of all rows, px. */
  readonly height: number;
  /** The first row that is drawn. */
  readonly first: number;
  /** The one after the last. */
  readonly end: number;
  /** Where the first one is drawn, px from the top of all rows. */
  readonly top: number;
}

/**
 * @param nRows of the table
 * @param rowPx height of a row
 * @param scrollPx how far it is scrolled
 * @param viewPx height of what is in view
 * @param spare so many more rows are drawn above and below
 */
export function rowWindow(
  nRows: number,
  rowPx: number,
  scrollPx: number,
  viewPx: number,
  spare: number,
): RowWindow {
  const wholePx = nRows * rowPx;
  const height = Math.min(wholePx, MOST_PX);
  const from = Math.max(0, Math.min(scrollPx, height - viewPx));
  // of a table that is not too tall this is `from` itself
  const at = height > viewPx ? (from * (wholePx - viewPx)) / (height - viewPx) : 0;
  const first = Math.max(0, Math.floor(at / rowPx) - spare);
  const end = Math.min(nRows, Math.ceil((at + viewPx) / rowPx) + spare);
  return { height, first, end: Math.max(first, end), top: from - at + first * rowPx };
}

/** The numbers of the pieces, of so many rows each, that have these rows. */
export function piecesOf({ first, end }: Pick<RowWindow, "first" | "end">, pieceRows: number): number[] {
  const from = Math.floor(first / pieceRows);
  const to = Math.ceil(end / pieceRows);
  return Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i);
}
