/** Filters on the columns of a logged table: as the server takes them, and as a user types them. Pure. */

import type { TableColumn } from "@/api/files/tables";
import type { Schemas } from "@/api/types";
import { withHyphens } from "@/data/text/program-text";

export type TableFilter = Schemas["TableFilter"];

/** Kinds of conditions that a column can have. */
export type ConditionKind = "text" | "number" | "time" | "boolean" | "media";

export type TextOp = "contains" | "=" | "!=" | "matches";

/** The conditions on one column, as typed. */
export interface Draft {
  readonly op: TextOp;
  readonly text: string;
  /** Of numbers and times: at least. */
  readonly low: string;
  /** Of numbers at most, of times before. */
  readonly high: string;
  /** Empty: both. */
  readonly truth: "" | "true" | "false";
  readonly presence: "any" | "filled" | "empty";
}

export const NO_DRAFT: Draft = { op: "contains", text: "", low: "", high: "", truth: "", presence: "any" };

const TEXT_OPS: readonly TextOp[] = ["contains", "=", "!=", "matches"];
const OPS: ReadonlySet<unknown> = new Set([...TEXT_OPS, "<", "<=", ">", ">=", "empty", "not_empty"]);

/** Whether a value of a saved view or a link is a condition. */
export function isCondition(value: unknown): value is TableFilter {
  if (typeof value !== "object" || value === null) return false;
  const { column, op, value: of } = value as Partial<Record<string, unknown>>;
  const isPlain = of === undefined || of === null || ["string", "number", "boolean"].includes(typeof of);
  return typeof column === "string" && OPS.has(op) && isPlain;
}

export function conditionKind({ type }: Pick<TableColumn, "type">): ConditionKind {
  if (type === "number" || type === "boolean") return type;
  if (type === "timestamp") return "time";
  return type.endsWith("-file") ? "media" : "text";
}

/** The fault of a typed number or time; null: none. */
export function boundError(kind: ConditionKind, typed: string): string | null {
  if (typed.trim() === "" || boundOf(kind, typed) !== null) return null;
  return kind === "number" ? "Not a number" : "A time as 2026-01-31 14:30";
}

/** The conditions that a draft means; a bound that is not a number or a time is left out. */
export function filtersOf(column: string, kind: ConditionKind, draft: Draft): TableFilter[] {
  const filters: TableFilter[] = [];
  const add = (op: TableFilter["op"], value: TableFilter["value"] = null) =>
    filters.push({ column, op, value });
  if (draft.presence !== "any") add(draft.presence === "empty" ? "empty" : "not_empty");
  if (kind === "text" && draft.text !== "") add(draft.op, draft.text);
  if (kind === "boolean" && draft.truth !== "") add("=", draft.truth === "true");
  if (kind === "number" || kind === "time") {
    const low = boundOf(kind, draft.low);
    const high = boundOf(kind, draft.high);
    if (low !== null) add(">=", low);
    if (high !== null) add(kind === "time" ? "<" : "<=", high);
  }
  return filters;
}

/** A draft that means the conditions on a column; those that it cannot show are left out. */
export function draftOf(column: string, kind: ConditionKind, filters: readonly TableFilter[]): Draft {
  let draft = NO_DRAFT;
  for (const { column: of, op, value } of filters) {
    if (of !== column) continue;
    const text = String(value ?? "");
    const textOp = TEXT_OPS.find((candidate) => candidate === op);
    if (op === "empty" || op === "not_empty")
      draft = { ...draft, presence: op === "empty" ? "empty" : "filled" };
    else if (kind === "boolean") draft = { ...draft, truth: value === true ? "true" : "false" };
    else if (kind === "text" && textOp) draft = { ...draft, op: textOp, text };
    else if (op === ">" || op === ">=") draft = { ...draft, low: text };
    else if (op === "<" || op === "<=") draft = { ...draft, high: text };
  }
  return draft;
}

/** All conditions, with others on one column. */
export function withColumnFilters(
  filters: readonly TableFilter[],
  column: string,
  own: readonly TableFilter[],
): TableFilter[] {
  return [...filters.filter((filter) => filter.column !== column), ...own];
}

const WORDS: Readonly<Partial<Record<TableFilter["op"], string>>> = {
  "=": "is",
  "!=": "is not",
  empty: "is empty",
  not_empty: "has a value",
};

/** `is at least 5`, in one line. */
export function conditionText({ op, value }: TableFilter): string {
  return [WORDS[op] ?? op, value === null || value === undefined ? "" : String(value)].join(" ").trim();
}

const TIME = /^(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d)(:\d\d(?:\.\d+)?)?)?$/;

function boundOf(kind: ConditionKind, typed: string): number | string | null {
  const text = typed.trim();
  if (kind === "number") {
    const number = Number(withHyphens(text));
    return text === "" || !Number.isFinite(number) ? null : number;
  }
  const [, day, minutes = "00:00", seconds = ":00"] = TIME.exec(text) ?? [];
  return day !== undefined && !Number.isNaN(Date.parse(`${day}T${minutes}${seconds}Z`))
    ? `${day} ${minutes}${seconds}`
    : null;
}
