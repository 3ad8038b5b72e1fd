/**
 * Finds typed words in a name: all of them, anywhere, in any order. Pure.
 */

/** Where something stands in a text: `[from, to)`. */
export type Span = readonly [number, number];

/** Where the words of `typed` stand in `text`, in order and apart; null when one of them is not there. */
export function findWords(text: string, typed: string): readonly Span[] | null {
  const low = text.toLowerCase();
  const spans: Span[] = [];
  for (const word of typed.toLowerCase().split(/\s+/)) {
    if (word === "") continue;
    const at = low.indexOf(word);
    if (at < 0) return null;
    spans.push([at, at + word.length]);
  }
  spans.sort((a, b) => a[0] - b[0]);
  const apart: [number, number][] = [];
  for (const [from, to] of spans) {
    const last = apart.at(-1);
    if (last && from <= last[1]) last[1] = Math.max(last[1], to);
    else apart.push([from, to]);
  }
  return apart;
}

/** Rank of a match in `text`, less is better: at its start, at a word's start, anywhere. */
export function wordRank(text: string, typed: string): number {
  const at = text.toLowerCase().indexOf(typed.trim().toLowerCase());
  if (at === 0) return 0;
  if (at > 0 && /[\s/_.-]/.test(text[at - 1]!)) return 1;
  return at > 0 ? 2 : 3;
}
