/**
 * A filter as rows that a person fills in, and back: the model of the filter builder. Pure.
 *
 * Every tree can be shown as rows. A row that is not filled in yet says nothing of the filter.
 */

import { type ColumnKind, kindOfColumn } from "../runs/run-columns";
import { formatNoun, typedNumber, withMinus } from "../text/format";
import { withHyphens } from "../text/program-text";
import type { Comparison, FilterOperator, FilterTree } from "./tree";

/** Words of a condition: `is`, `at most`, `has none of`. */
export type ConditionWord =
  | "is"
  | "is not"
  | "is any of"
  | "is none of"
  | "has any of"
  | "has none of"
  | "more than"
  | "at least"
  | "less than"
  | "at most"
  | "contains"
  | "does not contain"
  | "matches"
  | "does not match"
  | "in last"
  | "older than"
  | "after"
  | "before"
  | "from"
  | "until"
  | "is set"
  | "is not set";

export interface Condition {
  readonly kind: "condition";
  readonly id: number;
  readonly column: string;
  readonly word: ConditionWord;
  /** As typed; one, or for `any of` and `none of` several. */
  readonly values: readonly string[];
}

export interface ConditionGroup {
  readonly kind: "group";
  readonly id: number;
  /** `none`: none of them holds; `not all`: one of them does not. */
  readonly match: "all" | "any" | "none" | "not all";
  readonly of: readonly ConditionNode[];
}

export type ConditionNode = Condition | ConditionGroup;

interface WordMeaning {
  readonly op: FilterOperator;
  readonly isNot?: boolean;
}

const MEANINGS: Readonly<Record<ConditionWord, WordMeaning>> = {
  is: { op: "=" },
  "is not": { op: "!=" },
  "is any of": { op: "in" },
  "is none of": { op: "in", isNot: true },
  "has any of": { op: "in" },
  "has none of": { op: "in", isNot: true },
  "more than": { op: ">" },
  "at least": { op: ">=" },
  "less than": { op: "<" },
  "at most": { op: "<=" },
  contains: { op: "contains" },
  "does not contain": { op: "contains", isNot: true },
  matches: { op: "regex" },
  "does not match": { op: "regex", isNot: true },
  "in last": { op: ">" },
  "older than": { op: "<" },
  after: { op: ">" },
  before: { op: "<" },
  from: { op: ">=" },
  until: { op: "<=" },
  "is set": { op: "exists" },
  "is not set": { op: "exists" },
};

const SET_WORDS: readonly ConditionWord[] = ["is set", "is not set"];
const TEXT_WORDS: readonly ConditionWord[] = ["contains", "does not contain", "matches", "does not match"];
const LIST_WORDS: readonly ConditionWord[] = ["is any of", "is none of"];
const SIZE_WORDS: readonly ConditionWord[] = ["more than", "at least", "less than", "at most"];

const WORDS: Readonly<Record<ColumnKind, readonly ConditionWord[]>> = {
  text: ["is", "is not", ...LIST_WORDS, ...TEXT_WORDS, ...SET_WORDS],
  texts: ["has any of", "has none of", ...TEXT_WORDS, ...SET_WORDS],
  time: ["in last", "older than", "after", "before", "from", "until", ...SET_WORDS],
  seconds: [...SIZE_WORDS, ...SET_WORDS],
  any: ["is", "is not", ...SIZE_WORDS, ...LIST_WORDS, ...TEXT_WORDS, ...SET_WORDS],
};

/** Conditions that a column can have; the present one is kept in any case. */
export function wordsOf(column: string): readonly ConditionWord[] {
  return WORDS[kindOfColumn(column)];
}

export function takesValue(word: ConditionWord): boolean {
  return MEANINGS[word].op !== "exists";
}

export function takesList(word: ConditionWord): boolean {
  return MEANINGS[word].op === "in";
}

let lastId = 0;

function newId(): number {
  lastId += 1;
  return lastId;
}

export function newCondition(column = ""): Condition {
  const word = column ? wordsOf(column)[0]! : "is";
  return { kind: "condition", id: newId(), column, word, values: [] };
}

export function newGroup(match: ConditionGroup["match"], of: readonly ConditionNode[] = []): ConditionGroup {
  return { kind: "group", id: newId(), match, of };
}

/** A condition about another column: what was said stays if it can be said of it. */
export function withColumn(condition: Condition, column: string): Condition {
  const words = wordsOf(column);
  const word = words.includes(condition.word) ? condition.word : words[0]!;
  return { ...withWord({ ...condition, word }, word), column };
}

/** A condition with another word: values stay as far as it takes some. */
export function withWord(condition: Condition, word: ConditionWord): Condition {
  const isAge = (other: ConditionWord) => other === "in last" || other === "older than";
  const kind = kindOfColumn(condition.column);
  const fits = kind !== "time" || isAge(word) === isAge(condition.word);
  const values = fits && takesValue(word) ? condition.values : [];
  return { ...condition, word, values: takesList(word) ? values : values.slice(0, 1) };
}

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;
const SPAN = /^(\d+(?:\.\d+)?)\s*([smhdw])?[a-z]*$/i;

const SAFE_INT = /^[+-]?\d+$/;
const LITERALS: Readonly<Record<string, unknown>> = {
  true: true,
  false: false,
  null: null,
  nan: { _type: "float", value: "NaN" },
  infinity: { _type: "float", value: "Infinity" },
  "-infinity": { _type: "float", value: "-Infinity" },
};

/** The typed text, as a value of the filter. */
function meantBy(typed: string, kind: ColumnKind, word: ConditionWord): unknown {
  const text = typed.trim();
  if (word === "in last" || word === "older than") {
    const span = SPAN.exec(text);
    return span ? `-${span[1]}${(span[2] ?? "d").toLowerCase()}` : `-${text}`;
  }
  if (TEXT_WORDS.includes(word)) return typed;
  if (kind === "text" || kind === "texts") return typed;
  const hyphened = withHyphens(text);
  if (kind === "seconds") {
    if (NUMBER.test(hyphened)) return Number(hyphened);
    const span = SPAN.exec(text);
    return span?.[2] ? `${span[1]}${span[2].toLowerCase()}` : text;
  }
  if (kind === "time") return NUMBER.test(hyphened) ? Number(hyphened) : text;
  if (/^(".*"|'.*')$/s.test(text)) return text.slice(1, -1);
  const literal = LITERALS[hyphened.toLowerCase()];
  if (literal !== undefined) return literal;
  if (SAFE_INT.test(hyphened) && !Number.isSafeInteger(Number(hyphened)))
    return { _type: "int", value: hyphened };
  return NUMBER.test(hyphened) ? Number(hyphened) : typed;
}

/** A value that a column has, as one types it in a condition: a text that would read as a number in quotes. */
export function typedValue(value: unknown, column: string, word: ConditionWord): string {
  return typedOf(value, kindOfColumn(column), word);
}

/** A value of a filter as one types it. */
function typedOf(value: unknown, kind: ColumnKind, word: ConditionWord): string {
  if (word === "in last" || word === "older than") return String(value).replace(/^-(.*?)([a-z])$/, "$1 $2");
  if (value === null) return "null";
  if (typeof value === "object") return String((value as { value?: unknown }).value ?? "").toLowerCase();
  if (typeof value === "number") return typedNumber(value);
  if (typeof value !== "string") return String(value);
  const isLiteral = kind === "any" && !TEXT_WORDS.includes(word);
  return isLiteral && meantBy(value, kind, word) !== value ? `"${value}"` : value;
}

/** The tree that a node says; null: nothing yet. */
export function treeOfNode(node: ConditionNode): FilterTree | null {
  return node.kind === "group" ? treeOfGroup(node) : treeOfCondition(node);
}

function treeOfGroup({ match, of }: ConditionGroup): FilterTree | null {
  const parts = of.map(treeOfNode).filter((part) => part !== null);
  if (parts.length === 0) return null;
  const isAnd = match === "all" || match === "not all";
  const tree: FilterTree = parts.length === 1 ? parts[0]! : isAnd ? { and: parts } : { or: parts };
  return match === "none" || match === "not all" ? { not: tree } : tree;
}

function treeOfCondition({ column, word, values }: Condition): FilterTree | null {
  if (column === "") return null;
  const { op, isNot } = MEANINGS[word];
  if (op === "exists") return { column, op, value: word === "is set" };
  const kind = kindOfColumn(column);
  const operands = values.filter((value) => value.trim() !== "").map((value) => meantBy(value, kind, word));
  if (operands.length === 0) return null;
  const isSingle = op === "in" && kind === "texts" && operands.length === 1;
  const comparison: Comparison = isSingle
    ? { column, op: "=", value: operands[0] }
    : { column, op, value: op === "in" ? operands : operands[0] };
  return isNot ? { not: comparison } : comparison;
}

/** The rows of a tree: a group of conditions that all must hold, as far as it is one. */
export function groupOfTree(tree: FilterTree): ConditionGroup {
  const node = nodeOf(tree);
  return node.kind === "group" && node.match === "all" ? node : newGroup("all", [node]);
}

function nodeOf(tree: FilterTree): ConditionNode {
  if ("and" in tree) return newGroup("all", tree.and.map(nodeOf));
  if ("or" in tree) return newGroup("any", tree.or.map(nodeOf));
  if ("column" in tree) return conditionOf(tree, false) ?? newCondition(tree.column);
  const inner = tree.not;
  if ("column" in inner) return conditionOf(inner, true) ?? newGroup("none", [nodeOf(inner)]);
  if ("and" in inner) return newGroup("not all", inner.and.map(nodeOf));
  if ("or" in inner) return newGroup("none", inner.or.map(nodeOf));
  return newGroup("none", [nodeOf(inner)]);
}

function conditionOf({ column, op, value }: Comparison, isNot: boolean): Condition | null {
  const kind = kindOfColumn(column);
  const word = wordOf(op, value, kind, isNot);
  if (!word) return null;
  const values = op === "exists" ? [] : op === "in" ? (value as readonly unknown[]) : [value];
  return {
    kind: "condition",
    id: newId(),
    column,
    word,
    values: values.map((value) => typedOf(value, kind, word)),
  };
}

function wordOf(op: FilterOperator, value: unknown, kind: ColumnKind, isNot: boolean): ConditionWord | null {
  if (op === "exists") return (value === true) === isNot ? "is not set" : "is set";
  if (kind === "texts" && (op === "=" || op === "in")) return isNot ? "has none of" : "has any of";
  if (kind === "texts" && op === "!=" && !isNot) return "has none of";
  if (op === "=") return isNot ? "is not" : "is";
  if (op === "!=") return isNot ? "is" : "is not";
  if (op === "in") return isNot ? "is none of" : "is any of";
  if (op === "contains") return isNot ? "does not contain" : "contains";
  if (op === "regex") return isNot ? "does not match" : "matches";
  if (isNot) return null;
  if (kind === "time") {
    const isAge = typeof value === "string" && value.startsWith("-");
    if (op === ">") return isAge ? "in last" : "after";
    if (op === "<") return isAge ? "older than" : "before";
    return op === ">=" ? "from" : "until";
  }
  return ({ ">": "more than", ">=": "at least", "<": "less than", "<=": "at most" } as const)[op];
}

/** A part of a filter as a sentence: the column, what is said of it, and of what. */
export interface Sentence {
  readonly column: string;
  readonly word: string;
  readonly rest: string;
}

/** A value as it is listed: a number with a minus sign, not a hyphen. */
function chipText(value: string): string {
  return NUMBER.test(value) ? withMinus(value) : value;
}

/** Text of a part of a filter on a chip. */
export function sentenceOf(tree: FilterTree): Sentence {
  const node = nodeOf(tree);
  if (node.kind === "condition") {
    const { column, word, values } = node;
    // ids tell a reader nothing
    const isMany = column === "id" && values.length > 3;
    const rest = isMany ? formatNoun(values.length, "run") : values.map(chipText).join(", ");
    return { column, word, rest };
  }
  return { column: "", word: `${node.match} of`, rest: String(node.of.length) };
}
