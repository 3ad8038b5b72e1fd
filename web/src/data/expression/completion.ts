/** The completions of a half-typed expression: metrics and functions, the likeliest first. Pure. */

import { helpersLast, isHelperName } from "../metrics/find-metrics";
import { compareNames } from "../text/natural-order";
import { NOWHERE, wordRank } from "../text/words";
import { configText, tokensOf, typed } from "./expression-text";

export interface ExpressionFunction {
  readonly name: string;
  /** Arguments in its parentheses. */
  readonly takes: string;
  readonly hint: string;
}

export const EXPRESSION_FUNCTIONS: readonly ExpressionFunction[] = [
  { name: "abs", takes: "x", hint: "without its sign" },
  { name: "baseline", takes: "x", hint: "x of the baseline run" },
  { name: "clip", takes: "x, lo, hi", hint: "no lower than lo, no higher than hi" },
  { name: "cumsum", takes: "x", hint: "sum of all values so far" },
  { name: "diff", takes: "x", hint: "change since the point before" },
  { name: "ema", takes: "x, weight", hint: "exponential moving average" },
  { name: "exp", takes: "x", hint: "e to the power of x" },
  { name: "log", takes: "x", hint: "natural logarithm" },
  { name: "log10", takes: "x", hint: "decimal logarithm" },
  { name: "max", takes: "x, y", hint: "the greater of two or more" },
  { name: "min", takes: "x, y", hint: "the lesser of two or more" },
  { name: "rolling_mean", takes: "x, n", hint: "mean of the last n values" },
  { name: "rolling_median", takes: "x, n", hint: "median of the last n values" },
  { name: "rolling_quantile", takes: "x, n, q", hint: "quantile of the last n" },
  { name: "shift", takes: "x, n", hint: "the value n points ago" },
  { name: "sqrt", takes: "x", hint: "square root" },
];

export interface NamedMetric {
  readonly key: string;
  readonly nRuns: number;
  readonly isDrawable: boolean;
}

/** Names that can stand in an expression. */
export interface Names {
  readonly metrics: readonly NamedMetric[];
  /** Metrics with a goal. */
  readonly aimed: ReadonlySet<string>;
  /** Paths of numbers in the config. */
  readonly config: readonly ConfigPath[];
}

export interface ConfigPath {
  readonly path: string;
  readonly nRuns: number;
}

export interface Completion {
  readonly kind: "metric" | "config" | "step" | "function";
  readonly name: string;
  /** Number of runs next to it: `13 runs`, `function`. */
  readonly nRuns: number;
  readonly isDrawable: boolean;
  /** Replacement of the word. */
  readonly insert: string;
}

const QUOTED_NAMES = /"(?:[^"\\]|\\.)*"/gs;
const OPEN_QUOTE = /(config\.)?"((?:[^"\\]|\\.)*)$/s;
/** Also with letters that a name has only in quotes: a metric is offered with them. */
const BARE_WORD = /[\p{L}_][^\s"*+\-(),]*$/u;
const WORD_AFTER = /^[^\s"*+\-%(),]*"?/u;

export interface TypedWord {
  /** Without its quote. */
  readonly word: string;
  /** Where it begins. */
  readonly at: number;
  readonly isQuoted: boolean;
}

/** The word that ends at the cursor; an empty one between words. */
export function wordAt(text: string, cursor: number): TypedWord {
  // a closing quote begins no name
  const before = text.slice(0, cursor).replace(QUOTED_NAMES, (name) => " ".repeat(name.length));
  const open = OPEN_QUOTE.exec(before);
  if (open) return { word: (open[1] ?? "") + open[2]!, at: open.index, isQuoted: true };
  const word = BARE_WORD.exec(before)?.[0] ?? "";
  return { word, at: cursor - word.length, isQuoted: false };
}

/** Whether a word is all of a name, with the quotes that the name needs. */
export function isWrittenOut({ word, isQuoted }: TypedWord, { name, insert }: Completion): boolean {
  return word === name && (isQuoted || insert === name);
}

/** Metrics, config, functions and the step for a word, the likeliest first; of metrics that fit as well those with a goal. */
export function completionsFor(word: string, { metrics, aimed, config }: Names, limit: number): Completion[] {
  const needle = word.toLowerCase();
  const part = lastPart(needle);
  const candidates = [
    ...metrics.map(({ key, nRuns, isDrawable }) => ({
      kind: "metric" as const,
      name: key,
      nRuns,
      isDrawable,
      insert: typed(key),
    })),
    ...config.map(({ path, nRuns }) => ({
      kind: "config" as const,
      name: `config.${path}`,
      nRuns,
      isDrawable: true,
      insert: configText(path),
    })),
    { kind: "step" as const, name: "_step", nRuns: 0, isDrawable: true, insert: "_step" },
    ...EXPRESSION_FUNCTIONS.map(({ name }) => ({
      kind: "function" as const,
      name,
      nRuns: 0,
      isDrawable: true,
      insert: `${name}(`,
    })),
  ];
  const ranked = candidates.flatMap((item) => {
    const tier = rankOf(item.name, needle) ?? rankOfPart(item.name, part);
    if (tier === null) return [];
    const isMetric = item.kind === "metric";
    const rank = helpersLast(tier, isMetric && isHelperName(item.name));
    const isAimed = isMetric && aimed.has(item.name);
    return [{ item, isAimed, rank: rank + (item.isDrawable ? 0 : 10) + (isMetric ? 0 : 5) }];
  });
  ranked.sort(
    (a, b) =>
      a.rank - b.rank ||
      Number(b.isAimed) - Number(a.isAimed) ||
      b.item.nRuns - a.item.nRuns ||
      compareNames(a.item.name, b.item.name),
  );
  return ranked.slice(0, limit).map(({ item }) => item);
}

/** Names that fit only the last part of what was typed come after all that fit the whole. */
function rankOfPart(name: string, part: string): number | null {
  const rank = part.length < 2 ? NOWHERE : wordRank(name, part);
  return rank === NOWHERE ? null : rank + 20;
}

function rankOf(name: string, needle: string): number | null {
  const rank = wordRank(name, needle);
  return rank === NOWHERE ? null : rank;
}

/** Where a name is bold: at the word, else at its last part. */
export function matchIn(name: string, word: string): readonly [number, number] {
  for (const part of [word, lastPart(word)]) {
    const at = part ? name.toLowerCase().indexOf(part.toLowerCase()) : -1;
    if (at >= 0) return [at, at + part.length];
  }
  return [0, 0];
}

/** The end of a word, after its last sign that may divide. */
export function lastPart(word: string): string {
  return word.slice(lastDivider(word, word.length) + 1);
}

function lastDivider(word: string, end: number): number {
  return Math.max(word.lastIndexOf("/", end), word.lastIndexOf("%", end));
}

/** The last operand of a word: `val/ac` of `loss/val/ac` if `loss` is a metric; all of a word that divides nothing. */
export function operandOf(word: string, isMetric: (name: string) => boolean): string {
  for (let at = lastDivider(word, word.length); at > 0; at = lastDivider(word, at - 1)) {
    const before = tokensOf(word.slice(0, at), isMetric);
    if (before.every(({ metric }) => metric === null || isMetric(metric))) return word.slice(at + 1);
  }
  return word;
}

/** The text after a completion was taken, and where the cursor then is. */
export function complete(
  text: string,
  cursor: number,
  { name, insert }: Completion,
  isMetric: (name: string) => boolean,
): { readonly text: string; readonly cursor: number } {
  const { word, at: start, isQuoted } = wordAt(text, cursor);
  // a name that has all of the word is a longer name, not an operand
  const isOperand = !isQuoted && rankOf(name, word.toLowerCase()) === null;
  const at = isOperand ? cursor - operandOf(word, isMetric).length : start;
  // a quote that stands behind belongs to what is replaced
  const rest = text.slice(cursor).replace(WORD_AFTER, (tail) => (tail.endsWith('"') ? "" : tail));
  const isOpen = insert.endsWith("(") && rest.startsWith("(");
  const put = isOpen ? insert.slice(0, -1) : insert;
  return { text: text.slice(0, at) + put + rest, cursor: at + insert.length };
}
