/**
 * Filters over runs as trees, and their text: `docs/guide/filters.md`. Pure.
 *
 * The server reads texts (`api/runs/filters.ts`); here trees are written as text, changed and joined.
 */

import type { OPERATORS } from "../lists.gen";
import { type ColumnKind, kindOfColumn } from "../runs/run-columns";

export type FilterOperator = (typeof OPERATORS)[number];

export interface Comparison {
  readonly column: string;
  readonly op: FilterOperator;
  readonly value: unknown;
}

export type FilterTree =
  | Comparison
  | { readonly and: readonly FilterTree[] }
  | { readonly or: readonly FilterTree[] }
  | { readonly not: FilterTree };

/** The runs that are at work. */
export const RUNNING: FilterTree = { column: "state", op: "=", value: "running" };

const PLAIN_COLUMN = /^[^\s"'()<>=!,]+$/;
const SPAN = /^-?\d+(\.\d+)?[smhdw]$/;
const MOMENT = /^\d{4}-\d\d-\d\d[^\s"'()<>=!,]*$/;
const WORDS = new Set(
  "and or not all any exists missing contains matches has in true false null nan infinity".split(" "),
);

/** A text in quotes, as filters have it. */
function quoted(text: string): string {
  // JSON's short escapes \b and \f are none of the filter language
  return JSON.stringify(text).replaceAll("\\b", "\\u0008").replaceAll("\\f", "\\u000c");
}

/** A column as a filter names it: in quotes where it has letters that end a word. */
export function columnText(column: string): string {
  return PLAIN_COLUMN.test(column) && !WORDS.has(column.toLowerCase()) ? column : quoted(column);
}

function valueText(value: unknown, kind: ColumnKind): string {
  if (value === null) return "null";
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (typeof value === "object") {
    // numbers that JSON has no word for
    const { value: text } = value as { value?: unknown };
    return String(text).toLowerCase();
  }
  const text = String(value);
  if ((kind === "time" || kind === "seconds") && (SPAN.test(text) || MOMENT.test(text))) return text;
  return quoted(text);
}

const WORD_OF: Partial<Record<FilterOperator, string>> = { regex: "matches" };

function comparisonText({ column, op, value }: Comparison, isNot: boolean): string {
  const name = columnText(column);
  const kind = kindOfColumn(column);
  if (op === "exists") return `${name} ${(value === true) === isNot ? "missing" : "exists"}`;
  const not = isNot ? "not " : "";
  if (op === "in") {
    const values = (value as readonly unknown[]).map((element) => valueText(element, kind));
    return `${name} ${not}in (${values.join(", ")})`;
  }
  const text = valueText(value, op === "contains" || op === "regex" ? "text" : kind);
  if (op === "=" && kind === "texts") return `${name} ${not}has ${text}`;
  const word = WORD_OF[op] ?? op;
  if (isNot && op !== "contains" && op !== "regex") return `not ${name} ${word} ${text}`;
  return `${name} ${not}${word} ${text}`;
}

/** Binding strength of a text: within `or` and `and`, and after `not`. */
const ALONE = 0;
const IN_OR = 1;
const IN_AND = 2;
const AFTER_NOT = 3;

function treeText(tree: FilterTree, context: number): string {
  if ("column" in tree) return comparisonText(tree, false);
  if ("not" in tree) {
    if ("column" in tree.not) return comparisonText(tree.not, true);
    return `not ${treeText(tree.not, AFTER_NOT)}`;
  }
  const isAnd = "and" in tree;
  const parts = isAnd ? tree.and : tree.or;
  if (parts.length < 2) {
    const inner = parts.map((part) => treeText(part, ALONE)).join(", ");
    return `${isAnd ? "all" : "any"}(${inner})`;
  }
  const own = isAnd ? IN_AND : IN_OR;
  const text = parts.map((part) => treeText(part, own)).join(isAnd ? " and " : " or ");
  return context >= own ? `(${text})` : text;
}

/** A tree as text; of one that holds for all runs the empty text. */
export function filterText(tree: FilterTree): string {
  if ("and" in tree && tree.and.length === 0) return "";
  return treeText(tree, ALONE);
}

/** The parts of a filter that all must hold. */
export function conjuncts(tree: FilterTree): readonly FilterTree[] {
  return "and" in tree ? tree.and : [tree];
}

/** Several filters' texts as one that holds where all do; empty ones hold everywhere. */
export function allOf(...texts: readonly string[]): string {
  const nonEmpty = texts.filter((text) => text.trim() !== "");
  return nonEmpty.length < 2 ? (nonEmpty[0] ?? "") : nonEmpty.map((text) => `(${text})`).join(" and ");
}

/** Where a column has the value of a group, as the server names it; null: it cannot be said. */
export function groupCondition(by: readonly string[], values: readonly unknown[]): FilterTree | null {
  const parts: FilterTree[] = [];
  for (const [i, value] of values.entries()) {
    const column = by[i];
    if (column === undefined) return null;
    if (isMissing(value)) parts.push({ column, op: "exists", value: false });
    else if (typeof value === "object" && value !== null && !("_type" in value)) return null;
    else parts.push({ column, op: "=", value });
  }
  return parts.length === 1 ? parts[0]! : { and: parts };
}

/** Stands for a group whose runs have no value. */
export function isMissing(value: unknown): boolean {
  return typeof value === "object" && value !== null && (value as { _type?: unknown })._type === "missing";
}
