/**
 * Many runs of a project: pages of rows with chosen columns, how many there are, and which ids.
 *
 * A page is asked for by its place, so the middle of 100,000 runs costs what the beginning does.
 */

import { type QueryClient, queryOptions } from "@tanstack/react-query";
import { allOf, filterText } from "@/data/filter/tree";
import { EDITED_COLUMNS } from "@/data/runs/run-columns";
import { runningShown } from "@/data/runs/shown-runs";
import type { Order } from "@/data/view/view";
import { jsonBody, projectPath, requestJson } from "../client";
import { pathSince, seenNow } from "../live/seen";
import type { ProjectRef, Run, Schemas } from "../types";
import { askWithEdits } from "./run-edits";
import {
  countBody,
  idsBody,
  PAGE_ROWS,
  type RowsRequest,
  type RunSet,
  rowsBody,
  runningOf,
  type Under,
} from "./run-requests";

/** Number of ids in one answer, and in one action. */
const PAGE_IDS = 10_000;
const MAX_IDS = 100_000;

/** Rows out of sight are forgotten after a while: 100,000 of them would stay else. */
const CACHE_MILLIS = 60_000;

/** A run in a list. */
export interface RunRow {
  readonly id: string;
  readonly name: string;
  readonly state: string;
  /** A number of the palette, 1 … 12. */
  readonly color: number;
  readonly tags: readonly string[];
  /** Who locked it against deletion, and when; absent where the list has not asked for it. */
  readonly locked_by?: string | null;
  readonly locked_micros?: number | null;
  /** By column; null where the run has none. */
  readonly values: Readonly<Record<string, unknown>>;
  /** Columns in which the run logged a null; absent without such a column. */
  readonly nulls?: readonly string[] | undefined;
}

export interface RowsPage {
  readonly rows: readonly RunRow[];
  /** On all pages. */
  readonly total: number;
}

/** The prefix of the keys of all lists of a project's runs, groups and counts. */
export function runsKey(ref: ProjectRef) {
  return ["runs", ref.entity, ref.project] as const;
}

/** The prefix of the keys of pages of rows. */
function rowsKey(ref: ProjectRef) {
  return [...runsKey(ref), "rows"] as const;
}

function askTable(
  ref: ProjectRef,
  body: Schemas["RunQuery"],
  signal?: AbortSignal,
): Promise<Schemas["Table"]> {
  return requestJson<Schemas["Table"]>(pathSince(`${projectPath(ref)}/runs/query`, seenNow()), {
    ...jsonBody<"RunQuery">("POST", body),
    signal,
  });
}

/** A page of what is asked, `limit` rows each, from 0. */
export function rowsQuery(
  ref: ProjectRef,
  request: RowsRequest,
  under: Under | null,
  page: number,
  limit = PAGE_ROWS,
) {
  const { filter, search, isRegex, order, columns } = request;
  return queryOptions({
    queryKey: [...rowsKey(ref), { filter, search, isRegex, order, columns }, under, page, limit] as const,
    queryFn: async ({ signal }): Promise<RowsPage> => {
      const body = rowsBody(request, under, page, limit);
      return askWithEdits(ref, async (editOf) => {
        const { rows, total } = await askTable(ref, body, signal);
        return {
          total,
          rows: rows.map(({ values, nulls, ...run }) => {
            const named = Object.fromEntries(columns.map((column, i) => [column, values[i]]));
            const tags = (values[body.columns.indexOf("tags")] ?? []) as readonly string[];
            const ofNulls = nulls && { nulls: nulls.map((at) => columns[at]!) };
            return editedRow({ ...run, tags, ...lockOf(named), values: named, ...ofNulls }, editOf(run.id));
          }),
        };
      });
    },
    gcTime: CACHE_MILLIS,
  });
}

/** Ids of the first running runs of a list, and of those that were running when it was asked before. */
export function runningQuery(
  ref: ProjectRef,
  request: RunSet & { readonly order: readonly Order[] },
  limit: number,
) {
  const { filter, search, isRegex } = runningOf(request);
  const { order } = request;
  const queryKey = [...runsKey(ref), "running", { filter, search, isRegex, order }, limit] as const;
  return queryOptions({
    queryKey,
    queryFn: async ({ signal, client }): Promise<readonly string[]> => {
      const { rows } = await askTable(ref, idsBody({ filter, search, isRegex, order }, limit), signal);
      return runningShown(
        rows.map(({ id }) => id),
        client.getQueryData<readonly string[]>(queryKey) ?? [],
      );
    },
  });
}

export function countQuery(ref: ProjectRef, set: RunSet) {
  const { filter, search, isRegex } = set;
  return queryOptions({
    queryKey: [...runsKey(ref), "count", { filter, search, isRegex }] as const,
    queryFn: async ({ signal }) => (await askTable(ref, countBody(set), signal)).total,
    gcTime: CACHE_MILLIS,
  });
}

/** Ids of the runs at `first` … `first + n - 1` of a list. */
export async function askIds(
  ref: ProjectRef,
  set: RunSet & { readonly order: readonly Order[] },
  under: Under | null,
  first: number,
  n: number,
): Promise<string[]> {
  const end = first + Math.min(n, MAX_IDS);
  const ids: string[] = [];
  for (let offset = first; offset < end; offset += PAGE_IDS) {
    const { rows } = await askTable(ref, {
      ...idsBody(set, Math.min(PAGE_IDS, end - offset)),
      ...(under && { under }),
      offset,
    });
    ids.push(...rows.map((row) => row.id));
    if (rows.length < PAGE_IDS) break;
  }
  return ids;
}

/** Names of some runs by id, of those that there are. */
export async function askNames(
  ref: ProjectRef,
  ids: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const filter = filterText({ column: "id", op: "in", value: ids });
  const { rows } = await askTable(ref, { filter, columns: [], limit: ids.length });
  return new Map(rows.map(({ id, name }) => [id, name]));
}

/** Something that is locked against deletion: its name, and who locked it. */
export interface LockedThing {
  readonly name: string;
  readonly user: string;
}

/** The locked ones among some runs: how many, and the first of them. */
export interface LockedRuns {
  readonly n: number;
  readonly first: readonly LockedThing[];
}

const NAMED_LOCKS = 10;

export async function askLocked(ref: ProjectRef, ids: readonly string[]): Promise<LockedRuns> {
  const filter = allOf(
    filterText({ column: "id", op: "in", value: ids }),
    filterText({ column: "locked_by", op: "exists", value: true }),
  );
  const { total, rows } = await askTable(ref, { filter, columns: ["locked_by"], limit: NAMED_LOCKS });
  return { n: total, first: rows.map(({ name, values }) => ({ name, user: String(values[0]) })) };
}

/** Change a run in all pages that hold it, before or without asking again. */
export function patchRow(
  client: QueryClient,
  ref: ProjectRef,
  id: string,
  change: (row: RunRow) => RunRow,
): void {
  client.setQueriesData<RowsPage>({ queryKey: rowsKey(ref) }, (page) => {
    if (!page?.rows.some((row) => row.id === id)) return page;
    return { ...page, rows: page.rows.map((row) => (row.id === id ? change(row) : row)) };
  });
}

/** A row with what else is known of its run. */
export function editedRow(row: RunRow, part: Partial<Run>): RunRow {
  return {
    ...row,
    name: part.name ?? row.name,
    state: part.state ?? row.state,
    color: part.color ?? row.color,
    tags: part.tags ?? row.tags,
    ...("locked_by" in row &&
      part.locked_by !== undefined && {
        locked_by: part.locked_by,
        locked_micros: part.locked_micros ?? null,
      }),
    values: { ...row.values, ...editedValues(row, part) },
  };
}

function lockOf(values: Readonly<Record<string, unknown>>): Pick<RunRow, "locked_by" | "locked_micros"> {
  if (!("locked_by" in values)) return {};
  return {
    locked_by: (values.locked_by ?? null) as string | null,
    locked_micros: (values.locked ?? null) as number | null,
  };
}

function editedValues({ values }: RunRow, part: Partial<Run>): Partial<Run> {
  const columns = EDITED_COLUMNS.filter((column) => column in values && column in part);
  return Object.fromEntries(columns.map((column) => [column, part[column]]));
}
