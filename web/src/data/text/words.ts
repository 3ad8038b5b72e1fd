/** Finds typed words in a name: all of them, anywhere, in any order. Pure. */

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

/** Where those words of `typed` stand that are in `text`, in order and apart. */
export function findEach(text: string, typed: string): readonly Span[] {
  const low = text.toLowerCase();
  const words = typed.split(/\s+/).filter((word) => low.includes(word.toLowerCase()));
  return findWords(text, words.join(" ")) ?? [];
}

/** Tiers of a match, the best first: the text itself, all after its last `/`, words of it, the beginning of words, inside of words. */
export const EQUAL = 0;
const LAST = 1;
const WHOLE = 2;
export const START = 3;
export const INSIDE = 4;
export const NOWHERE = 5;

/** The tier of a typed text in a name, less is better. */
export function wordRank(text: string, typed: string): number {
  const low = text.toLowerCase();
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  const phrase = words.join(" ");
  if (low === phrase) return EQUAL;
  if (phrase !== "" && low.endsWith(`/${phrase}`)) return LAST;
  return Math.max(WHOLE, ...words.map((word) => rankOfWord(low, word)));
}

function rankOfWord(text: string, word: string): number {
  let rank = NOWHERE;
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
    if (isBetweenWords(text, at)) {
      if (isBetweenWords(text, at + word.length)) return WHOLE;
      rank = START;
    } else rank = Math.min(rank, INSIDE);
  }
  return rank;
}

const LETTER_BEFORE = /[\p{L}\p{N}]$/u;
const LETTER_AFTER = /^[\p{L}\p{N}]/u;

function isBetweenWords(text: string, at: number): boolean {
  // two units on each side are enough for a letter outside of the first plane
  return !(
    LETTER_BEFORE.test(text.slice(Math.max(0, at - 2), at)) && LETTER_AFTER.test(text.slice(at, at + 2))
  );
}
