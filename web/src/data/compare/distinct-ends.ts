/** Long texts side by side: what comes after a beginning that all of them have. Pure. */

/** Texts up to this length are whole in their cells. */
export const SHORT_LETTERS = 24;
/** A beginning up to this length is left. */
const LEAST_SHARED = 8;
/** Letters before the difference within which a word begins. */
const WORD_LETTERS = 16;

/** Length of the beginning that different texts share. */
export function sharedLength(texts: readonly string[]): number {
  const [first = "", ...others] = new Set(texts);
  if (others.length === 0) return 0;
  let n = 0;
  while (n < first.length && others.every((text) => text[n] === first[n])) n += 1;
  return n;
}

/** The texts, without the beginning that all of them share where that would fill the cells: `…"weight": 0.7}]`. */
export function distinctEnds(texts: readonly string[]): readonly string[] {
  const shared = sharedLength(texts);
  if (shared < LEAST_SHARED || texts.every((text) => text.length <= SHORT_LETTERS)) return texts;
  const before = texts[0]!.slice(Math.max(0, shared - WORD_LETTERS), shared);
  const word = before.search(/[^\s,;:{}[\]()/]*$/);
  const start = shared - (before.length - (word > 0 ? word : before.length));
  return start < LEAST_SHARED ? texts : texts.map((text) => `…${text.slice(start)}`);
}
