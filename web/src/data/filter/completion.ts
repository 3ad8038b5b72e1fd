/**
 * The completions at a position of a filter's text: a column, a value of one, or a word of the language. Pure.
 */

export interface Completion {
  readonly kind: "column" | "value" | "word";
  /** The typed part of it: `[from, to)` of the text. */
  readonly word: string;
  readonly from: number;
  readonly to: number;
  /** Of a value: the column that it is of. */
  readonly column: string;
}

const TOKEN = /"(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?|<=|>=|!=|=|<|>|[(),]|[^\s"'()<>=!,]+/g;
const JOINERS = new Set(["and", "or", "not", "all", "any"]);
const BEFORE_VALUE = new Set(["=", "!=", "<", "<=", ">", ">=", "has", "contains"]);

/** The completion at `place` (0 … length) of a text. */
export function completionAt(text: string, caret: number): Completion {
  const before: { text: string; from: number }[] = [];
  let typed = { text: "", from: caret };
  for (const token of text.slice(0, caret).matchAll(TOKEN)) {
    if (typed.text) before.push(typed);
    typed = { text: token[0], from: token.index };
  }
  const isEnded = typed.text && (typed.from + typed.text.length < caret || /^[(),<>=!]/.test(typed.text));
  if (isEnded) {
    before.push(typed);
    typed = { text: "", from: caret };
  }
  const rest = /^[^\s"'()<>=!,]*/.exec(text.slice(caret))?.[0] ?? "";
  const word = { word: typed.text, from: typed.from, to: caret + (typed.text ? rest.length : 0) };
  const last = before.at(-1)?.text.toLowerCase() ?? "";
  if (BEFORE_VALUE.has(last))
    return { kind: "value", ...word, column: columnBefore(before, before.length - 1) };
  const open = listOpening(before);
  if (open !== null) return { kind: "value", ...word, column: columnBefore(before, open) };
  const isStart = last === "" || last === "(" || last === "," || JOINERS.has(last);
  return { kind: isStart ? "column" : "word", ...word, column: "" };
}

const OPERATORS = new Set([...BEFORE_VALUE, "in", "matches", "exists", "not"]);

/**
 * Where a name ends that was read only in part, as one with a space is: at the next operator, as nothing else may stand
 * between a column and it.
 *
 * @param from where the name begins
 * @param word what was read of it
 * @param column the column that is meant
 */
export function misreadEnd(text: string, from: number, word: string, column: string): number {
  const end = from + word.length;
  for (const token of text.slice(end).matchAll(TOKEN)) {
    const sign = token[0].toLowerCase();
    if (OPERATORS.has(sign)) return end + text.slice(end, end + token.index).trimEnd().length;
    if (JOINERS.has(sign) || /^["'(),]/.test(sign)) break;
  }
  const at = column.lastIndexOf(word);
  const tail = at < 0 ? "" : column.slice(at + word.length);
  return text.startsWith(tail, end) ? end + tail.length : end;
}

/** Where a caret stands after `[from, to)` of its text was replaced. */
export function caretAfter(caret: number, from: number, to: number, inserted: string): number {
  if (caret <= from) return caret;
  return caret < to ? from + inserted.length : caret - to + from + inserted.length;
}

/** The column before an operator (or `not` and one). */
function columnBefore(tokens: readonly { text: string }[], operator: number): string {
  const at = tokens[operator - 1]?.text.toLowerCase() === "not" ? operator - 2 : operator - 1;
  return (tokens[at]?.text ?? "").replace(/^(["'])(.*)\1$/s, "$2");
}

/** Where the `in` is whose list is open; null: none is. */
function listOpening(tokens: readonly { text: string }[]): number | null {
  for (let i = tokens.length - 1; i > 0; i--) {
    const { text } = tokens[i]!;
    if (text === ")") return null;
    if (text === "(") return tokens[i - 1]!.text.toLowerCase() === "in" ? i - 1 : null;
  }
  return null;
}
