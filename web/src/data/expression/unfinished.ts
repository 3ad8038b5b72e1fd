/**
 * What is still to be typed of an expression: known without the server, which need not be asked while it is. Pure.
 */

import { type ExpressionToken, exactText } from "./expression-text";

interface Unfinished {
  readonly reason: string;
  /** In the exact text, from 1. */
  readonly column: number;
}

/** The first thing that an expression lacks so far; null: it may be whole. */
export function unfinishedOf(tokens: readonly ExpressionToken[]): Unfinished | null {
  const columnOf = (index: number) => exactText(tokens.slice(0, index)).length + 1;
  const quote = tokens.findIndex(({ kind, text }) => kind === "other" && text === '"');
  if (quote >= 0) return { reason: "the quoted name has no end", column: columnOf(quote) };
  const last = tokens.findLast(({ kind }) => kind !== "space");
  if (!last) return null;
  const column = columnOf(tokens.length);
  if (last.kind === "other" && last.text === ".")
    return { reason: "a name is expected after the dot", column };
  if (last.kind === "function") return { reason: "( is expected", column };
  if (last.kind === "operator" && last.text !== ")")
    return { reason: "a metric, a number or a parenthesis is expected", column };
  const nOpen = tokens.reduce((n, { text }) => n + (text === "(" ? 1 : text === ")" ? -1 : 0), 0);
  return nOpen > 0 ? { reason: ") is expected", column } : null;
}
