/**
 * The rows and columns of a large table that are in view, and how far to scroll to have one in view. Pure.
 *
 * Rows are equally high, so theirs is arithmetic; columns have edges (n + 1 of them, px from the left).
 */

/** Indices `[first, end)`. */
export interface Span {
  readonly first: number;
  readonly end: number;
}

/** Rows come and go in groups of so many, so that not every pixel of a scroll renders. */
const ROW_STEP = 4;

/** The rows in view, and `over` more on both sides. */
export function rowSpan(scrollTop: number, viewPx: number, rowPx: number, n: number, over: number): Span {
  const first = Math.floor(scrollTop / rowPx) - over;
  const end = Math.ceil((scrollTop + viewPx) / rowPx) + over;
  return {
    first: Math.max(0, Math.min(n, Math.floor(first / ROW_STEP) * ROW_STEP)),
    end: Math.max(0, Math.min(n, Math.ceil(end / ROW_STEP) * ROW_STEP)),
  };
}

/** The columns in view, and those within `overPx` on both sides. */
export function columnSpan(
  edges: readonly number[],
  scrollLeft: number,
  viewPx: number,
  overPx: number,
): Span {
  const n = Math.max(0, edges.length - 1);
  const first = Math.max(0, indexAt(edges, scrollLeft - overPx));
  let end = first;
  while (end < n && edges[end]! < scrollLeft + viewPx + overPx) end += 1;
  return { first: Math.min(first, n), end };
}

/** The column that a place is in; -1 left of all, n right of all. */
export function indexAt(edges: readonly number[], px: number): number {
  let low = 0;
  let high = edges.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (edges[middle]! <= px) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** Edges of columns with these widths. */
export function edgesOf(widths: readonly number[]): number[] {
  const edges = [0];
  for (const width of widths) edges.push(edges.at(-1)! + width);
  return edges;
}

/** Where to scroll to so that `[from, to)` is in view; as it is if it is already. */
export function scrolledTo(from: number, to: number, scroll: number, viewPx: number): number {
  if (from < scroll) return from;
  if (to > scroll + viewPx) return Math.max(0, to - viewPx);
  return scroll;
}

export function isSameSpan(a: Span, b: Span): boolean {
  return a.first === b.first && a.end === b.end;
}
