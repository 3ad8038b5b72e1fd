/**
 * An expression as a person types it, and as the server takes it: `train/loss - val/loss` for
 * `"train/loss" - "val/loss"`. Pure.
 *
 * For the server a bare `/` always divides, and `recall@10` needs quotes. People leave the quotes out, so an unbroken word with slashes is
 * one metric where there is such a metric, a division where all of its parts are metrics or numbers, and
 * else a metric that is not logged yet. Whether a text is an expression at all is the server's to say.
 */

import { withHyphens } from "../text/program-text";

type ExpressionTokenKind =
  | "metric"
  | "config"
  | "step"
  | "function"
  | "number"
  | "operator"
  | "space"
  | "other";

export interface ExpressionToken {
  readonly kind: ExpressionTokenKind;
  /** As typed. */
  readonly text: string;
  /** Where it begins in what was typed. */
  readonly at: number;
  /** As the server takes it. */
  readonly exact: string;
  /** Of a metric, its name. */
  readonly metric: string | null;
}

const SPACE = /\s+/y;
const NUMBER = /(?:\d+\.?\d*|\.\d+)(?:[eE][+\u2212-]?\d+)?/y;
const QUOTED = /"(?:[^"\\]|\\.)*"/sy;
const QUOTED_CONFIG = /config\."(?:[^"\\]|\\.)*"/sy;
const PATH = /[\p{L}_][\p{L}\p{N}_@]*(?:[./][\p{L}\p{N}_@]+)*/uy;
const OPERATOR = /\*\*|[-\u2212+*/%(),]/y;
const PLAIN_NAME = /^[\p{L}_][\p{L}\p{N}_]*(?:\.[\p{L}\p{N}_]+)*$/u;
const PATH_NAME = /^[\p{L}_][\p{L}\p{N}_@]*(?:[./][\p{L}\p{N}_@]+)*$/u;
const WHOLE_NUMBER = /^\d+(?:\.\d*)?$/;
/** Longer words are taken as one name. */
const MAX_PARTS = 12;

const STEP = "_step";
const CONFIG = "config.";

/** A bare word that is no metric, but a number of the config or the step. */
function isReserved(word: string): boolean {
  return word === STEP || word.startsWith(CONFIG);
}

/** A metric as the server takes it: bare where it can be, else in quotes. */
function quoted(metric: string): string {
  return PLAIN_NAME.test(metric) && !isReserved(metric) ? metric : JSON.stringify(metric);
}

/** A number of the config, by its path. */
export function configText(path: string): string {
  return PLAIN_NAME.test(CONFIG + path) ? CONFIG + path : CONFIG + JSON.stringify(path);
}

/** A metric as a person may type it: quotes only where a word with slashes would not do. */
export function typed(metric: string): string {
  return PATH_NAME.test(metric) && !isReserved(metric) ? metric : JSON.stringify(metric);
}

/** Cut a text into tokens that together are the whole text. */
export function tokensOf(text: string, isMetric: (name: string) => boolean): ExpressionToken[] {
  const tokens: ExpressionToken[] = [];
  let at = 0;
  const add = (kind: ExpressionTokenKind, part: string, metric: string | null = null) => {
    const isSigned = kind === "number" || kind === "operator";
    const exact = metric !== null ? quoted(metric) : isSigned ? withHyphens(part) : part;
    tokens.push({ kind, text: part, at, exact, metric });
    at += part.length;
  };
  while (at < text.length) {
    const space = matchAt(SPACE, text, at);
    const name = matchAt(QUOTED, text, at);
    const config = matchAt(QUOTED_CONFIG, text, at);
    const path = matchAt(PATH, text, at);
    const number = matchAt(NUMBER, text, at);
    const operator = matchAt(OPERATOR, text, at);
    if (space) add("space", space);
    else if (name) add("metric", name, unquoted(name));
    else if (config) add("config", config);
    else if (path) {
      const isCall = /^\s*\(/.test(text.slice(at + path.length));
      const parts = path.split("/");
      const called = isCall ? parts.pop() : undefined;
      wordsOf(parts, isMetric).forEach((word, i) => {
        if (i > 0) add("operator", "/");
        if (WHOLE_NUMBER.test(word)) add("number", word);
        else if (word === STEP) add("step", word);
        else if (word.startsWith(CONFIG) && PLAIN_NAME.test(word)) add("config", word);
        else add("metric", word, word);
      });
      if (called !== undefined) {
        if (parts.length > 0) add("operator", "/");
        add("function", called);
      }
    } else if (number) add("number", number);
    else if (operator) add("operator", operator);
    else add("other", text[at]!);
  }
  return tokens;
}

/** The words that parts between slashes make: as few as possible of them, each a metric or a number. */
function wordsOf(parts: readonly string[], isMetric: (name: string) => boolean): string[] {
  const whole = parts.join("/");
  if (parts.length < 2 || parts.length > MAX_PARTS || isMetric(whole))
    return parts.length === 0 ? [] : [whole];
  /** The fewest words for the first i parts. */
  const best: (string[] | null)[] = [[]];
  for (let end = 1; end <= parts.length; end++) {
    best[end] = null;
    for (let start = 0; start < end; start++) {
      const before = best[start];
      const word = parts.slice(start, end).join("/");
      const isNumber = start > 0 && WHOLE_NUMBER.test(word);
      const isKnown = isMetric(word) || isNumber || (isReserved(word) && PLAIN_NAME.test(word));
      if (before && isKnown && (!best[end] || before.length + 1 < best[end]!.length))
        best[end] = [...before, word];
    }
  }
  return best[parts.length] ?? [whole];
}

function matchAt(pattern: RegExp, text: string, at: number): string | null {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? null;
}

function unquoted(text: string): string {
  try {
    return JSON.parse(text) as string;
  } catch {
    return text.slice(1, -1);
  }
}

/** The text for the server. */
export function exactText(tokens: readonly ExpressionToken[]): string {
  return tokens.map((token) => token.exact).join("");
}

/** Where in the typed text the server's column (from 1, of the exact text) lies: from, to. */
export function typedRange(tokens: readonly ExpressionToken[], column: number): readonly [number, number] {
  let exact = 0;
  for (const token of tokens) {
    if (column - 1 < exact + token.exact.length) return [token.at, token.at + token.text.length];
    exact += token.exact.length;
  }
  const last = tokens[tokens.length - 1];
  const end = last ? last.at + last.text.length : 0;
  return [end, end];
}

/** An expression as a person would type it: without the quotes that it can do without. */
export function readableText(exact: string): string {
  const touches = (char: string | undefined) => char !== undefined && /[\p{L}\p{N}_./]/u.test(char);
  return exact.replace(/"(?:[^"\\]|\\.)*"/gs, (name, at: number) => {
    const metric = unquoted(name);
    const isBare = !touches(exact[at - 1]) && !touches(exact[at + name.length]);
    return isBare && !/^\s*\(/.test(exact.slice(at + name.length)) ? typed(metric) : name;
  });
}

/** The path in the config that a token names; null of others. */
export function configPathOf({ kind, text }: ExpressionToken): string | null {
  if (kind !== "config") return null;
  const path = text.slice(CONFIG.length);
  return path.startsWith('"') ? unquoted(path) : path;
}
