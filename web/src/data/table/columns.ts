/**
 * The columns of the runs table: those that runs have, as a person ordered, hid and pinned them. Pure.
 *
 * A column is named as filters name it: `state`, `config.model.backbone`, `summary.val/acc.max`.
 */

import { AGGREGATES, RUN_COLUMNS } from "../lists.gen";
import { aimOf } from "../metrics/goal";
import { isRunColumn, kindOfColumn, type RunColumn } from "../runs/run-columns";
import { formatCount, numberPx } from "../text/format";
import type { TableView } from "../view/view";
import type { ColumnFacts, Goal } from "./column-facts";
import { byName, firstConfig, firstOwn, firstSummary } from "./first-columns";

export type ColumnScope = "run" | "config" | "summary" | "writer";

export interface TableColumn {
  readonly id: string;
  readonly scope: ColumnScope;
  /** Without its scope, and without what stands in `aggregate`. */
  readonly label: string;
  /** Of a metric whose summary is not its last value: `max`. */
  readonly aggregate: string | null;
  /** Numbers, times and durations stand at the right. */
  readonly isNumeric: boolean;
  readonly widthPx: number;
}

export const SCOPE_TITLES: Readonly<Record<ColumnScope, string>> = {
  run: "Run",
  config: "Config",
  summary: "Summary",
  writer: "Writer",
};

/** Of the column of tags; at least for its head. */
const MOST_TAGS_PX = 176;
const LEAST_TAGS_PX = 76;
/** Besides the letters of a tag: its frame, and the gap after it. */
const TAG_SIDES_PX = 16 + 4;
/** Widths of the columns that all runs have, in the order in which the columns begin. The name has its own. */
const WIDTHS_PX: Readonly<Record<Exclude<RunColumn, "name">, number>> = {
  state: 104,
  created: 76,
  runtime: 96,
  user: 104,
  edited_by: 104,
  locked_by: 104,
  locked: 84,
  tags: MOST_TAGS_PX,
  notes: 188,
  group: 120,
  job_type: 100,
  sweep: 100,
  host: 120,
  id: 120,
  started: 84,
  arrived: 84,
  ended: 84,
  heartbeat: 84,
  reason: 240,
  used: 176,
  logged: 176,
};
const FIRST_RUN_COLUMNS = ["state", "created", "runtime"];
const MIN_WIDTH = 64;
const MAX_FIRST_WIDTH = 200;
/** Of a column's head: its sides, and the room of a sort mark. */
const HEAD_PX = 52;
const LETTER_PX = 6.1;
/** Room for the figures of a group, `0.8103 ±0.019` and `6e−5 – 0.005`, and for a word. */
const FIGURE_PX = 116;
const RANGE_PX = 104;
const WORD_PX = 96;
/** Around a number. */
const CELL_SIDES_PX = 22;

export function scopeOf(column: string): ColumnScope {
  const scope = column.slice(0, column.indexOf("."));
  return scope === "config" || scope === "summary" || scope === "writer" ? scope : "run";
}

/** Whether a column holds times, µs since 1970. */
export function isTimeColumn(column: string): boolean {
  return kindOfColumn(column) === "time";
}

/** A column's name for people, and what its summary is of. */
export function labelOf(column: string): { label: string; aggregate: string | null } {
  const scope = scopeOf(column);
  if (scope === "run")
    return { label: isRunColumn(column) ? RUN_COLUMNS[column].title : column, aggregate: null };
  const path = column.slice(scope.length + 1);
  const dot = path.lastIndexOf(".");
  const last = path.slice(dot + 1);
  const isAggregate = scope === "summary" && dot > 0 && path[dot - 1] !== "\\" && last in AGGREGATES;
  return {
    label: (isAggregate ? path.slice(0, dot) : path).replaceAll("\\.", "."),
    aggregate: isAggregate ? last : null,
  };
}

/** A column as it is called everywhere: `val/accuracy max`, `optimizer.lr`, `Created`. */
export function columnLabel(column: string): string {
  const { label, aggregate } = labelOf(column);
  return aggregate ? `${label} ${aggregate}` : label;
}

/** Grey part before a column's label: `config.`, nothing for the runs' own. */
export function columnLead(column: string): string {
  const scope = scopeOf(column);
  return scope === "run" ? "" : `${scope}.`;
}

/** A column with its name, without its scope. */
interface NamedColumn {
  readonly id: string;
  readonly title: string;
}

/** By column: the scope before its name where another one has the same, `config.` lr next to `summary.` lr. */
export function distinctLeads(columns: readonly NamedColumn[]): ReadonlyMap<string, string> {
  const nAlike = new Map<string, number>();
  const name = ({ title }: NamedColumn) => title.toLowerCase();
  for (const column of columns) nAlike.set(name(column), (nAlike.get(name(column)) ?? 0) + 1);
  return new Map(
    columns.map((column) => [column.id, nAlike.get(name(column))! > 1 ? columnLead(column.id) : ""]),
  );
}

/** The names of columns that are shown together, each of which tells its column. */
export function distinctLabels(columns: readonly string[]): ReadonlyMap<string, string> {
  const named = [...new Set(columns)].map((id) => ({ id, title: columnLabel(id) }));
  const leads = distinctLeads(named);
  return new Map(named.map(({ id, title }) => [id, `${leads.get(id)}${title}`]));
}

/** Whether a column of the runs' own holds text. */
function isTextColumn(column: string): boolean {
  return isRunColumn(column) && ["text", "texts"].includes(kindOfColumn(column));
}

/** The two orders of a column in words: upwards and downwards. */
export function directionsOf(column: string): { readonly up: string; readonly down: string } {
  if (isTimeColumn(column)) return { up: "oldest first", down: "newest first" };
  return isTextColumn(column) ? { up: "A to Z", down: "Z to A" } : { up: "low first", down: "high first" };
}

/** Whether runs sorted by a column begin with its high values: the best of a metric (`aimOf`), else as people look. */
export function beginsHigh(column: string, goal: Goal | null | undefined): boolean {
  if (isTextColumn(column)) return false;
  const { label, aggregate } = labelOf(column);
  const aim = scopeOf(column) === "summary" ? aimOf(label, goal ?? null) : goal;
  if (aim) return aim === "maximize";
  // of other numbers and of times one looks for the largest and the newest
  return aggregate !== "min";
}

/** Columns with other figures of the metric whose summary a column is. */
export function siblingsOf(column: string, facts: readonly ColumnFacts[]): readonly string[] {
  if (scopeOf(column) !== "summary") return [];
  const { label } = labelOf(column);
  return facts
    .map((entry) => entry.column)
    .filter((id) => id !== column && scopeOf(id) === "summary" && labelOf(id).label === label)
    .sort(byName);
}

function isNumericColumn(column: string, facts: ColumnFacts | undefined): boolean {
  const scope = scopeOf(column);
  if (scope === "run") return isRunColumn(column) && !isTextColumn(column);
  if (!facts) return scope === "summary";
  const { number = 0, nonfinite = 0, text = 0, bool = 0, other = 0 } = facts.kinds;
  return number + nonfinite > text + bool + other;
}

/** Width of the longest whole number among the samples: all of its digits are read. */
function countPx(facts: ColumnFacts | undefined): number {
  const counts = (facts?.samples ?? []).filter((sample): sample is number => Number.isInteger(sample));
  return Math.max(0, ...counts.map((count) => numberPx(formatCount(count))));
}

function columnOf(id: string, facts: ColumnFacts | undefined, widths: TableView["widths"]): TableColumn {
  const { label, aggregate } = labelOf(id);
  const scope = scopeOf(id);
  const isNumeric = isNumericColumn(id, facts);
  const letters = label.length + (aggregate ? aggregate.length + 1 : 0);
  const first =
    (id === "tags" ? tagsPx(facts) : isRunColumn(id) && id !== "name" ? WIDTHS_PX[id] : null) ??
    Math.round(
      Math.min(
        MAX_FIRST_WIDTH,
        Math.max(
          scope === "summary" ? FIGURE_PX : isNumeric ? RANGE_PX : WORD_PX,
          letters * LETTER_PX + HEAD_PX,
          countPx(facts) + CELL_SIDES_PX,
        ),
      ),
    );
  return {
    id,
    scope,
    label,
    aggregate,
    isNumeric,
    widthPx: Math.max(MIN_WIDTH, widths[id] ?? first),
  };
}

/** Room of the tags of most runs, as far as samples tell. */
function tagsPx(facts: ColumnFacts | undefined): number {
  const rows = (facts?.samples ?? []).filter((sample) => Array.isArray(sample));
  const widths = rows.map((tags) =>
    tags.reduce((px: number, tag) => px + String(tag).length * LETTER_PX + TAG_SIDES_PX, CELL_SIDES_PX),
  );
  const middle = widths.sort((a, b) => a - b)[widths.length >> 1] ?? 0;
  return Math.round(Math.min(MOST_TAGS_PX, Math.max(LEAST_TAGS_PX, middle)));
}

/** Columns of a scope by name; numbers in names by size: `layer2` before `layer10`. */
function namesOf(facts: readonly ColumnFacts[], scope: ColumnScope): string[] {
  return facts
    .map((entry) => entry.column)
    .filter((column) => scopeOf(column) === scope)
    .sort(byName);
}

/** All columns that there are to choose from, in the order in which they begin. */
function knownColumns(facts: readonly ColumnFacts[], view: TableView): string[] {
  const names = new Set(Object.keys(WIDTHS_PX));
  for (const name of firstSummary(facts)) names.add(name);
  for (const scope of ["summary", "config", "writer"] as const)
    for (const name of namesOf(facts, scope)) names.add(name);
  for (const name of [...view.pinned, ...view.shown]) names.add(name);
  names.delete("name");
  return [...names];
}

/** Columns that are shown before a person chooses. */
function firstShown(facts: readonly ColumnFacts[]): Set<string> {
  return new Set([...FIRST_RUN_COLUMNS, ...firstOwn(facts), ...firstSummary(facts), ...firstConfig(facts)]);
}

function shownColumns(facts: readonly ColumnFacts[], view: TableView): (column: string) => boolean {
  const first = view.isOwn ? new Set<string>() : firstShown(facts);
  const hidden = new Set(view.hidden);
  const shown = new Set(view.shown);
  return (column) => !hidden.has(column) && (first.has(column) || shown.has(column));
}

export interface ColumnLayout {
  /** After the name, at the left whatever is scrolled: sort keys that would be out of sight, then pinned ones. */
  readonly pinned: readonly TableColumn[];
  readonly scrolled: readonly TableColumn[];
  /** All there are to choose from, shown or not. */
  readonly available: readonly string[];
}

/** Sort keys that are brought into sight; further ones hardly order anything. */
const SHOWN_KEYS = 3;

/**
 * The shown columns from left to right.
 *
 * @param keys columns that runs are sorted by: those that are off or do not fit next to the name stand first
 * @param roomPx next to the name
 */
export function layoutColumns(
  facts: readonly ColumnFacts[],
  view: TableView,
  keys: readonly string[] = [],
  roomPx = Number.POSITIVE_INFINITY,
): ColumnLayout {
  const available = knownColumns(facts, view);
  const factsOf = new Map(facts.map((entry) => [entry.column, entry]));
  const isShown = shownColumns(facts, view);
  const make = (id: string) => columnOf(id, factsOf.get(id), view.widths);
  const pins = new Set(view.pinned);
  const pinned = view.pinned.filter((id) => !view.hidden.includes(id)).map(make);
  const scrolled = inOrder(
    available.filter((id) => isShown(id) && !pins.has(id)),
    view.order,
  ).map(make);
  const inSight = new Set(["name", ...pinned.map(({ id }) => id)]);
  let rightPx = pinned.reduce((sum, { widthPx }) => sum + widthPx, 0);
  for (const { id, widthPx } of scrolled) {
    rightPx += widthPx;
    if (rightPx <= roomPx) inSight.add(id);
  }
  const brought = keys.slice(0, SHOWN_KEYS).filter((id) => !inSight.has(id));
  return {
    pinned: [...brought.map(make), ...pinned],
    scrolled: scrolled.filter(({ id }) => !brought.includes(id)),
    available,
  };
}

/** Names in the order a person gave some of them; the others keep their place behind the one before them. */
export function inOrder(names: readonly string[], order: readonly string[]): string[] {
  const moved = order.filter((name) => names.includes(name));
  if (moved.length === 0) return [...names];
  const isMoved = new Set(moved);
  const rest = names.filter((name) => !isMoved.has(name));
  // a new column comes after what it follows by name, if that was moved, too
  const result = [...moved];
  for (const name of rest) {
    const before = names.slice(0, names.indexOf(name)).reverse();
    const at = before.map((earlier) => result.indexOf(earlier)).find((index) => index >= 0) ?? -1;
    result.splice(at + 1, 0, name);
  }
  return result;
}

/** Changes of the table's view, each as the part of it to set. */
export const changeTable = {
  /** Move a column to before another one (null: to the end), among the shown ones as they stand. */
  move(layout: ColumnLayout, column: string, before: string | null): Partial<TableView> {
    const names = layout.scrolled.map((shownColumn) => shownColumn.id).filter((id) => id !== column);
    const at = before === null ? names.length : names.indexOf(before);
    return { order: names.toSpliced(at < 0 ? names.length : at, 0, column) };
  },
  movePinned(view: TableView, column: string, before: string | null): Partial<TableView> {
    const names = view.pinned.filter((id) => id !== column);
    // a sort key that is not pinned stands before all that are
    const at = before === null ? names.length : Math.max(0, names.indexOf(before));
    return { pinned: names.toSpliced(at, 0, column) };
  },
  hide(view: TableView, column: string): Partial<TableView> {
    return {
      hidden: [...view.hidden.filter((id) => id !== column), column],
      shown: view.shown.filter((id) => id !== column),
      pinned: view.pinned.filter((id) => id !== column),
    };
  },
  show(view: TableView, column: string): Partial<TableView> {
    return {
      hidden: view.hidden.filter((id) => id !== column),
      shown: [...view.shown.filter((id) => id !== column), column],
    };
  },
  showAll(view: TableView, columns: readonly string[]): Partial<TableView> {
    const added = new Set(columns);
    return {
      hidden: view.hidden.filter((id) => !added.has(id)),
      shown: [...view.shown.filter((id) => !added.has(id)), ...columns],
    };
  },
  /** Put another column in the place of one. */
  exchange(layout: ColumnLayout, view: TableView, column: string, other: string): Partial<TableView> {
    const put = (ids: readonly string[]) =>
      ids.filter((id) => id !== other).map((id) => (id === column ? other : id));
    const isPinned = view.pinned.includes(column);
    return {
      order: put(layout.scrolled.map(({ id }) => id)),
      pinned: put(view.pinned),
      hidden: [...view.hidden.filter((id) => id !== column && id !== other), column],
      shown: [...view.shown.filter((id) => id !== column && id !== other), ...(isPinned ? [] : [other])],
    };
  },
  hideAll(view: TableView, columns: readonly string[]): Partial<TableView> {
    const gone = new Set(columns);
    const isLeft = (id: string) => !gone.has(id);
    return {
      hidden: [...view.hidden.filter(isLeft), ...columns],
      shown: view.shown.filter(isLeft),
      pinned: view.pinned.filter(isLeft),
    };
  },
  /** Show these columns and no others, also of those that come to be suggested later. */
  showOnly(columns: readonly string[]): Partial<TableView> {
    return { isOwn: true, hidden: [], shown: columns, pinned: [] };
  },
  /** Back to the suggested columns, in their order; widths and formats stay. */
  reset(): Partial<TableView> {
    return { isOwn: false, hidden: [], shown: [], pinned: [], order: [] };
  },
  pin(view: TableView, column: string, isPinned: boolean): Partial<TableView> {
    const others = view.pinned.filter((id) => id !== column);
    const hidden = view.hidden.filter((id) => id !== column);
    if (isPinned) return { pinned: [...others, column], hidden };
    // what was found and pinned is not lost when it is taken off
    return { pinned: others, shown: [...view.shown.filter((id) => id !== column), column] };
  },
  resize(view: TableView, column: string, widthPx: number): Partial<TableView> {
    return { widths: { ...view.widths, [column]: Math.max(MIN_WIDTH, Math.round(widthPx)) } };
  },
};
