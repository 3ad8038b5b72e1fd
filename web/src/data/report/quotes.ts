/**
 * Quotes of comments, found again in a text that may have changed. Spaces do not count: a page shows them in other ways
 * than the document has them.
 */

export interface Quote {
  readonly exact: string;
  readonly prefix: string;
  readonly suffix: string;
}

/** Where a quote is in a squashed text. `isChanged`: its surroundings are there, and other words between them. */
interface QuoteMatch {
  readonly start: number;
  readonly end: number;
  readonly isChanged: boolean;
  /** The number of surrounding characters that are equal. */
  readonly nEqual: number;
}

/** As the server has it: `MAX_QUOTE_CHARS` and `MAX_CONTEXT_CHARS`. */
export const MOST_QUOTE_CHARS = 2000;
export const MOST_CONTEXT_CHARS = 64;

/** Fewer surrounding characters say nothing about where a changed text was. */
const LEAST_CONTEXT = 3;
/** A quote of that many characters is found without its surroundings. */
const SURE_CHARS = 12;
/** With so many equal surrounding characters it is the quote, in whichever block. */
const LEAST_EQUAL = 8;
/** A changed text is not longer than that many times the quote, or than `LONGEST_SHORT`. */
const MOST_GROWTH = 4;
const LONGEST_SHORT = 120;

/** A text without spaces. */
export function squash(text: string): string {
  return text.replace(/\s+/g, "");
}

/** A match, and whether its positions are those of the block or of the whole text. */
export interface FoundQuote extends QuoteMatch {
  readonly isInBlock: boolean;
}

/**
 * Null: neither the quote nor what was around it is there.
 *
 * @param block the text of the block that had it; null if the block is gone
 * @param readWhole the text of all blocks: one that was split or joined has left its id to the other half
 */
export function findQuote(block: string | null, readWhole: () => string, quote: Quote): FoundQuote | null {
  const [words, before, after] = [squash(quote.exact), squash(quote.prefix), squash(quote.suffix)];
  if (words === "") return null;
  const least = Math.min(LEAST_EQUAL, before.length + after.length);
  const inBlock = (match: QuoteMatch | null) => match && { ...match, isInBlock: true };
  const inWhole = (match: QuoteMatch | null) => match && { ...match, isInBlock: false };
  const own = block === null ? null : inBlock(findWords(block, words, before, after));
  if (own && own.nEqual >= least) return own;
  const whole = readWhole();
  const other = inWhole(findWords(whole, words, before, after));
  if (other && other.nEqual >= LEAST_EQUAL) return other;
  const changes = [
    block === null ? null : inBlock(findBetween(block, words.length, before, after)),
    inWhole(findBetween(whole, words.length, before, after)),
  ];
  const changed = changes.find((match) => match && match.nEqual >= least);
  if (changed) return changed;
  const isSure = words.length >= SURE_CHARS;
  return own ?? (isSure ? other : null);
}

/** The words, and of several occurrences the one with the most equal surroundings. */
function findWords(text: string, words: string, before: string, after: string): QuoteMatch | null {
  let best: QuoteMatch | null = null;
  for (let start = text.indexOf(words); start !== -1; start = text.indexOf(words, start + 1)) {
    const end = start + words.length;
    const nEqual = equalEnd(text.slice(0, start), before) + equalStart(text.slice(end), after);
    if (best === null || nEqual > best.nEqual) best = { start, end, isChanged: false, nEqual };
  }
  return best;
}

/** The text that is between the surroundings now; empty surroundings are the begin or the end of the text. */
function findBetween(text: string, nWords: number, before: string, after: string): QuoteMatch | null {
  if (before === "" && after === "") return null;
  const from = before === "" ? { at: 0, n: 0 } : findLongest(text, before.length, (n) => before.slice(-n), 0);
  if (!from) return null;
  const start = from.at + from.n;
  const to =
    after === ""
      ? { at: text.length, n: 0 }
      : findLongest(text, after.length, (n) => after.slice(0, n), start);
  if (!to || to.at <= start) return null;
  if (to.at - start > Math.max(LONGEST_SHORT, MOST_GROWTH * nWords)) return null;
  return { start, end: to.at, isChanged: true, nEqual: from.n + to.n };
}

/** Where the longest part of some characters is in a text, from a position on. */
function findLongest(
  text: string,
  most: number,
  partOf: (n: number) => string,
  from: number,
): { readonly at: number; readonly n: number } | null {
  for (let n = most; n >= Math.min(LEAST_CONTEXT, most); n--) {
    const at = text.indexOf(partOf(n), from);
    if (at !== -1) return { at, n };
  }
  return null;
}

function equalEnd(a: string, b: string): number {
  let n = 0;
  while (n < a.length && n < b.length && a[a.length - 1 - n] === b[b.length - 1 - n]) n++;
  return n;
}

function equalStart(a: string, b: string): number {
  let n = 0;
  while (n < a.length && n < b.length && a[n] === b[n]) n++;
  return n;
}

export interface Stacked {
  readonly id: string;
  /** Where it would be, px. */
  readonly top: number;
  readonly height: number;
}

/**
 * The tops of cards in a column, none over another: in their order, each at its own height or below the one before. The
 * selected one has its own height, and those before it move up.
 */
export function stackTops(
  cards: readonly Stacked[],
  selected: string | null,
  gap: number,
): ReadonlyMap<string, number> {
  const tops = cards.map(({ top }) => top);
  const pin = Math.max(
    0,
    cards.findIndex(({ id }) => id === selected),
  );
  for (let i = pin - 1; i >= 0; i--) tops[i] = Math.min(tops[i]!, tops[i + 1]! - gap - cards[i]!.height);
  for (let i = pin + 1; i < cards.length; i++)
    tops[i] = Math.max(tops[i]!, tops[i - 1]! + cards[i - 1]!.height + gap);
  // those that would be above the column move all down
  const least = Math.min(0, ...tops);
  return new Map(cards.map(({ id }, i) => [id, tops[i]! - least]));
}
