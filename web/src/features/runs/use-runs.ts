/**
 * The runs of a page's view, as rows: windowed, in groups, with figures of each group.
 *
 * Only pages of rows that are in view are asked for, so 100,000 runs cost what a screen of them does. While
 * a new question is on its way, the rows of the one before stay.
 */

import { keepPreviousData, useQueries, useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useRef, useState } from "react";
import { type GroupsPage, type GroupsRequest, groupsQuery, type RunGroup } from "@/api/runs/groups";
import { PAGE_ROWS, type RowsRequest, type RunSet } from "@/api/runs/run-requests";
import { countQuery, type RowsPage, type RunRow, rowsQuery, runningQuery } from "@/api/runs/run-rows";
import type { ProjectRef } from "@/api/types";
import { allOf } from "@/data/filter/tree";
import { groupedRows, plainRows, type Row, type RowSequence } from "@/data/runs/run-rows";
import { FIRST_SHOWN } from "@/data/runs/shown-runs";
import { LOCK_COLUMNS } from "@/data/view/view";
import { useSettled } from "@/ui/hooks/use-settled";
import { useStable } from "@/ui/hooks/use-stable";
import { useView } from "../view/view-store";
import { groupFiguresOf } from "./keys/group-figures";
import { type RunColors, useColors } from "./use-colors";

/** More groups of one level are listed when they are asked for. */
const GROUPS_AT_FIRST = 500;
/** The server gives no more at once. */
const GROUPS_AT_MOST = 10_000;
/** Rows before and after those in view that are requested, too. */
const AROUND = 32;
/** Rows that are only scrolled past are not asked for. */
const JUMP_MILLIS = 120;

/** The request of a list of runs: which runs, their order and groups, with which columns and figures. */
export interface RunsRequest extends RowsRequest, GroupsRequest {}

export type RunsListRow = Row<RunGroup>;

export interface Runs extends RunColors {
  /** The request of the rows: the one before, while a new one is on its way. */
  readonly request: RunsRequest;
  /** Rows in all: runs, and groups where there are some. */
  readonly nRows: number;
  rowAt(index: number): RunsListRow | null;
  /** The run of a row; null: on its way. */
  runAt(row: RunsListRow & { kind: "run" }): RunRow | null;
  /** The row of a group; null: not in sight. */
  indexOfGroup(values: readonly unknown[]): number | null;
  /** Groups that are open until one is opened or closed. */
  readonly openAtFirst: readonly string[];
  /** Outermost groups, as far as they are listed; none without groups. */
  readonly groups: readonly RunGroup[];
  /** Groups of all levels as far as they are listed, those inside one in the order of the list. */
  readonly listedGroups: readonly RunGroup[];
  readonly nGroups: number;
  /** The first runs of a list without groups. */
  readonly first: readonly RunRow[];
  /** Runs of a list without groups that are shown by default because they run; null: not known yet. */
  readonly running: ReadonlySet<string> | null;
  /** Runs that match, in groups or not. */
  readonly total: number;
  readonly isPending: boolean;
  /** A new question is on its way, or about to be asked. */
  readonly isOld: boolean;
  /** Of the question that was asked last. */
  readonly error: Error | null;
  /** Runs that have come since rows are held in their places. */
  readonly nWaiting: number;
  /** Rows are held in places that they have no longer, as far as they are known. */
  readonly hasMoved: boolean;
  /** Keep rows in their places, as under the pointer: values go on changing, the order does not. Stable. */
  onHold(isHeld: boolean): void;
  /** The rows in view. Stable. */
  onRange(first: number, last: number): void;
  /** List more groups of a level. Stable. */
  showMore(under: readonly unknown[]): void;
  retry(): void;
}

/** The runs of the view; the search as typed a moment ago. */
function useRunSet(): RunSet {
  const filter = useView((view) => allOf(view.filter, view.passingFilter));
  const search = useSettled(useView((view) => view.runSearch));
  const isRegex = useView((view) => view.isRunRegex) && search !== "";
  return useMemo(() => ({ filter, search, isRegex }), [filter, search, isRegex]);
}

/**
 * The runs that the view lists.
 *
 * @param columns whose values the rows have, and groups figures of; the same array while nothing changes
 */
export function useRuns(project: ProjectRef, columns: readonly string[]): Runs {
  const set = useRunSet();
  const isTyped = useView((view) => view.runSearch !== set.search);
  const order = useView((view) => view.order);
  const by = useView((view) => view.groupBy);
  const colorBy = useView((view) => view.colorBy);
  const chosenOpen = useView((view) => view.openGroups);
  const nextRequest = useMemo<RunsRequest>(
    () => ({
      ...set,
      order,
      columns: withColumn(columns, colorBy),
      by,
      // rows show an icon of their lock, groups show nothing
      ...groupFiguresOf(
        by,
        order,
        columns.filter((column) => !LOCK_COLUMNS.includes(column)),
      ),
    }),
    [set, order, columns, colorBy, by],
  );
  const [limits, setLimits] = useState<Readonly<Record<string, number>>>({});
  const limitOf = (under: readonly unknown[]) => limits[JSON.stringify(under)] ?? GROUPS_AT_FIRST;

  const next = useHead(project, nextRequest, limitOf([]));
  const [held, setHeld] = useState(nextRequest);
  const isThere = next.data !== undefined;
  if (isThere && held !== nextRequest) setHeld(nextRequest);
  const request = isThere ? nextRequest : held;
  const head = useHead(project, request, limitOf([]));
  const running = useRunning(project, request);

  const openAtFirst = useStableIds(openAtFirstOf(head.data, request.by.length));
  const openGroups = chosenOpen ?? openAtFirst;
  const inner = useMemo(() => openLevels(openGroups, request.by.length), [openGroups, request]);
  const levels = useQueries({
    queries: inner.map((under) => groupsQuery(project, request, under, limitOf(under))),
    combine: groupsOfResults,
  });
  const sequence = useMemo(() => {
    if (!head.data) return plainRows<RunGroup>(0);
    if (!("groups" in head.data)) return plainRows<RunGroup>(head.data.total);
    const pagesByGroup = new Map<string, GroupsPage | undefined>([["[]", head.data]]);
    inner.forEach((under, i) => {
      pagesByGroup.set(JSON.stringify(under), levels[i]);
    });
    const open = new Set(openGroups);
    return groupedRows<RunGroup>(
      request.by.length,
      (under) => pagesByGroup.get(JSON.stringify(under)),
      (values) => open.has(JSON.stringify(values)),
    );
  }, [request, head.data, inner, levels, openGroups]);

  const [hold, setHold] = useState<Hold | null>(null);
  // with fewer runs than before, some rows are of none
  const isOfThese = hold?.request === request && hold.openGroups === chosenOpen && hold.total <= head.total;
  const activeHold = isOfThese ? hold : null;
  const placed = activeHold?.sequence ?? sequence;
  const { range, onRange } = useRange();
  const needed = useMemo(() => neededPages(placed, range), [placed, range]);
  const first = head.data && "rows" in head.data ? head.data.rows : NO_ROWS;
  const further = useMemo(() => needed.filter(({ key }) => key !== FIRST_PAGE), [needed]);
  const pages = useQueries({
    queries: further.map(({ under, page }) =>
      rowsQuery(project, request, under && { by: request.by, values: under }, page),
    ),
    combine: rowsOfResults,
  });
  const rowsByPage = useMemo(
    () => new Map([[FIRST_PAGE, first], ...further.map(({ key }, i) => [key, pages[i]] as const)]),
    [first, further, pages],
  );
  const cachedPages = activeHold?.pages;
  const fresh = useMemo(
    () =>
      new Map(
        cachedPages && [...rowsByPage.values()].flatMap((rows) => rows ?? []).map((run) => [run.id, run]),
      ),
    [cachedPages, rowsByPage],
  );
  const onHold = useStable((isHeld: boolean) => {
    if (isHeld !== (activeHold !== null))
      setHold(
        isHeld ? { request, openGroups: chosenOpen, sequence, pages: rowsByPage, total: head.total } : null,
      );
  });
  const rowAt = (index: number): RunsListRow | null => {
    const row = placed.at(index);
    if (!activeHold || row?.kind !== "group") return row;
    const groupIndex = sequence.indexOfGroup(row.group.values);
    const now = groupIndex === null ? null : sequence.at(groupIndex);
    return now?.kind === "group" ? { ...row, group: now.group } : row;
  };
  const runAt = (row: RunsListRow & { kind: "run" }): RunRow | null => {
    const run = cachedPages && runOfPage(cachedPages, row);
    return run ? (fresh.get(run.id) ?? run) : runOfPage(rowsByPage, row);
  };
  const hasMoved = activeHold !== null && areMoved(activeHold, { sequence, pages: rowsByPage }, range);
  const showMore = useStable((under: readonly unknown[]) => {
    const limit = Math.min(GROUPS_AT_MOST, limitOf(under) * 4);
    setLimits((before) => ({ ...before, [JSON.stringify(under)]: limit }));
  });
  const outermost = head.data && "groups" in head.data ? head.data : null;
  const groups = outermost?.groups ?? NO_GROUPS;
  const listedGroups = useMemo(
    () => [...groups, ...levels.flatMap((level) => level?.groups ?? NO_GROUPS)],
    [groups, levels],
  );
  const colors = useColors(project, groups, request);
  return {
    ...colors,
    request,
    nRows: placed.n,
    rowAt,
    runAt,
    indexOfGroup: placed.indexOfGroup,
    groups,
    listedGroups,
    openAtFirst,
    nGroups: outermost?.total ?? 0,
    first,
    running,
    total: head.total,
    isPending: head.isPending,
    isOld: isTyped || (request !== nextRequest && !next.error),
    error: next.error,
    nWaiting: activeHold && request.by.length === 0 ? Math.max(0, sequence.n - placed.n) : 0,
    hasMoved,
    onHold,
    onRange,
    showMore,
    retry: next.retry,
  };
}

/** The columns that rows need: with the one that they are coloured by. */
function withColumn(columns: readonly string[], column: string | null): readonly string[] {
  return column === null || columns.includes(column) ? columns : [...columns, column];
}

type Pages = ReadonlyMap<string, readonly RunRow[] | undefined>;

interface PlacedRows {
  readonly sequence: RowSequence<RunGroup>;
  readonly pages: Pages;
}

/** Rows as they were when they began to be held. */
interface Hold extends PlacedRows {
  readonly request: RunsRequest;
  readonly openGroups: readonly string[] | null;
  readonly total: number;
}

function runOfPage(pages: Pages, { under, index }: RunsListRow & { kind: "run" }): RunRow | null {
  return pages.get(pageKey(under, Math.floor(index / PAGE_ROWS)))?.[index % PAGE_ROWS] ?? null;
}

/** Key of a row; null: it is on its way. */
function nameOfRow({ sequence, pages }: PlacedRows, index: number): string | null {
  const row = sequence.at(index);
  if (row?.kind === "group") return JSON.stringify(row.group.values);
  return (row?.kind === "run" && runOfPage(pages, row)?.id) || null;
}

function areMoved(before: PlacedRows, now: PlacedRows, [first, last]: readonly [number, number]): boolean {
  for (let i = first; i <= last; i++) {
    const [was, is] = [nameOfRow(before, i), nameOfRow(now, i)];
    if (was !== null && is !== null && was !== is) return true;
  }
  return false;
}

const NO_GROUPS: readonly RunGroup[] = [];
const NO_ROWS: readonly RunRow[] = [];
const NO_IDS: ReadonlySet<string> = new Set();

/** The beginning of an answer: the first page of runs, or the outermost groups, with the number of runs in all. */
interface Head {
  readonly data: RowsPage | GroupsPage | undefined;
  readonly total: number;
  readonly isPending: boolean;
  readonly error: Error | null;
  retry(): void;
}

/** In place of the runs of a list without groups: at no query whose states would render it for nothing. */
const NOT_COUNTED: RunSet = { filter: "not counted", search: "", isRegex: false };

function useHead(project: ProjectRef, request: RunsRequest, limit: number): Head {
  const isGrouped = request.by.length > 0;
  const rows = useQuery({ ...rowsQuery(project, request, null, 0), enabled: !isGrouped });
  const groups = useQuery({
    ...groupsQuery(project, request, [], limit),
    enabled: isGrouped,
    // of the same question only the limit changes under one's eyes
    placeholderData: (before, query) =>
      query && sameQuestion(query.queryKey, groupsQuery(project, request, [], limit).queryKey)
        ? before
        : undefined,
  });
  // groups do not say how many runs are in them all: until both are known, the runs before them stay
  const count = useQuery({
    ...countQuery(project, isGrouped ? request : NOT_COUNTED),
    enabled: isGrouped,
  });
  const parts = isGrouped ? [groups, count] : [rows];
  const isThere = parts.every(({ data }) => data !== undefined);
  const error = parts.find((part) => part.error)?.error ?? null;
  return {
    data: isThere ? (isGrouped ? groups.data : rows.data) : undefined,
    total: (isGrouped ? count.data : rows.data?.total) ?? 0,
    isPending: !isThere && error === null,
    error,
    retry: () => {
      for (const { refetch } of parts) void refetch();
    },
  };
}

function useRunning(project: ProjectRef, request: RunsRequest): ReadonlySet<string> | null {
  const isGrouped = request.by.length > 0;
  const { data, isError } = useQuery({
    ...runningQuery(project, request, FIRST_SHOWN),
    enabled: !isGrouped,
    placeholderData: keepPreviousData,
  });
  return useMemo(() => {
    if (isGrouped) return NO_IDS;
    if (data) return new Set(data);
    // without them the others can still be shown
    return isError ? NO_IDS : null;
  }, [isGrouped, data, isError]);
}

function sameQuestion(a: readonly unknown[], b: readonly unknown[]): boolean {
  return JSON.stringify(a.slice(0, -1)) === JSON.stringify(b.slice(0, -1));
}

function groupsOfResults(results: readonly { readonly data?: GroupsPage }[]) {
  return results.map(({ data }) => data);
}

function rowsOfResults(results: readonly { readonly data?: RowsPage }[]) {
  return results.map(({ data }) => data?.rows);
}

/** More outer groups than these are a list to choose from: each that is open is a question of its own. */
const OPEN_AT_FIRST = 12;

/** The outermost groups, where they hold groups: by themselves they say little. */
function openAtFirstOf(head: Head["data"], nLevels: number): readonly string[] {
  if (nLevels < 2 || !head || !("groups" in head)) return NO_OPEN;
  return head.groups.slice(0, OPEN_AT_FIRST).map(({ values }) => JSON.stringify(values));
}

const NO_OPEN: readonly string[] = [];

/** The same list until other ids are in it. */
function useStableIds(ids: readonly string[]): readonly string[] {
  const text = ids.join("\n");
  return useMemo(() => (text === "" ? NO_OPEN : text.split("\n")), [text]);
}

/** Open groups that have groups in them, where all around them are open, too. */
function openLevels(openGroups: readonly string[], nLevels: number): readonly (readonly unknown[])[] {
  const open = new Set(openGroups);
  return openGroups
    .map((id) => JSON.parse(id) as unknown[])
    .filter(
      (values) =>
        values.length < nLevels &&
        values.every((_, i) => i === 0 || open.has(JSON.stringify(values.slice(0, i)))),
    );
}

interface NeededPage {
  readonly key: string;
  readonly under: readonly unknown[] | null;
  readonly page: number;
}

function pageKey(under: readonly unknown[] | null, page: number): string {
  return `${page} ${JSON.stringify(under)}`;
}

/** The page that comes with the number of runs. */
const FIRST_PAGE = pageKey(null, 0);

function neededPages(
  sequence: RowSequence<RunGroup>,
  [first, last]: readonly [number, number],
): NeededPage[] {
  const needed = new Map<string, NeededPage>();
  for (let i = first; i <= Math.min(last, sequence.n - 1); i++) {
    const row = sequence.at(i);
    if (row?.kind !== "run") continue;
    const page = Math.floor(row.index / PAGE_ROWS);
    const key = pageKey(row.under, page);
    if (!needed.has(key)) needed.set(key, { key, under: row.under, page });
  }
  return [...needed.values()];
}

/** Rows in view and a few around, in whole steps; what is scrolled past is left out. */
function useRange() {
  const [range, setRange] = useState<readonly [number, number]>([0, 2 * AROUND]);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const onRange = useStable((first: number, last: number) => {
    const next = [
      Math.floor(Math.max(0, first - AROUND) / AROUND) * AROUND,
      Math.ceil((last + AROUND) / AROUND) * AROUND,
    ] as const;
    clearTimeout(timer.current);
    if (next[0] === range[0] && next[1] === range[1]) return;
    const isNear = next[0] <= range[1] && next[1] >= range[0];
    if (isNear) setRange(next);
    else timer.current = setTimeout(() => setRange(next), JUMP_MILLIS);
  });
  return { range, onRange };
}
