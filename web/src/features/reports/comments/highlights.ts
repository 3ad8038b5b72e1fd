/** Highlights of the texts that comments are about: the browser paints them, and no element changes. */

import type { Anchored } from "./use-anchored";

/** Firefox before 140 has no highlights, and tests in Node have no `CSS`. */
const CSS_OF_PAGE: { readonly highlights?: HighlightRegistry } = globalThis.CSS ?? {};

const NAME = "report-comment";
const NAME_SELECTED = "report-comment-selected";

export function paintHighlights(anchored: ReadonlyMap<string, Anchored>, selected: string | null): void {
  const { highlights } = CSS_OF_PAGE;
  if (!highlights) return;
  const quiet = new Highlight();
  const strong = new Highlight();
  strong.priority = 1;
  for (const [id, { range }] of anchored) if (range) (id === selected ? strong : quiet).add(range);
  highlights.set(NAME, quiet);
  highlights.set(NAME_SELECTED, strong);
}

export function removeHighlights(): void {
  const { highlights } = CSS_OF_PAGE;
  if (!highlights) return;
  highlights.delete(NAME);
  highlights.delete(NAME_SELECTED);
}

/** The thread whose text is at a point of the page, of several the one about the fewest words. */
export function threadAt(anchored: ReadonlyMap<string, Anchored>, x: number, y: number): string | null {
  const ids = [...anchored].filter(([, { range }]) => range && isIn(range, x, y));
  ids.sort(([, a], [, b]) => String(a.range).length - String(b.range).length);
  return ids[0]?.[0] ?? null;
}

function isIn(range: Range, x: number, y: number): boolean {
  return [...range.getClientRects()].some(
    ({ left, right, top, bottom }) => left <= x && x <= right && top <= y && y <= bottom,
  );
}
