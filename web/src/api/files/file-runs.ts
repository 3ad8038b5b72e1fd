/**
 * Answers about the runs of a file, from what the file has of each: the command line, which makes files without drawing
 * their panels, can't know which columns these will ask for.
 */

import type { FigureRequest } from "@/data/report/figure";
import { idsOfFilter } from "@/data/report/figure";
import { numberOf } from "@/data/runs/summary";
import type { AnswerSource } from "../answers";
import { ApiError, projectPath } from "../client";
import { projectRequest } from "../reports/figures";
import { columnsOfRuns, leavesOf, selectColumns } from "../shared-columns";
import type { ProjectRef, Run } from "../types";

/** Fields of a run that no file has. */
const ABSENT = { user: null, host: null, exit_code: null, reason: null };
/** As the server does: a list without an order has the newest first. */
const newestFirst = (a: Run, b: Run) => b.created_micros - a.created_micros;

/** Answers as `stored` does, and what it has not from the runs of a file. */
export function withFileRuns(project: ProjectRef, runs: readonly Run[], stored: AnswerSource): AnswerSource {
  const byId = new Map(runs.map((run) => [run.id, run]));
  return async (path, init) => {
    try {
      return await stored(path, init);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      const { base, request } = projectRequest(path, init);
      const answer = base === projectPath(project) ? answerOf(request, byId) : null;
      if (answer === null) throw error;
      return Response.json(answer);
    }
  };
}

/** Null: the runs alone don't tell. */
function answerOf({ method, path, body }: FigureRequest, runs: ReadonlyMap<string, Run>): object | null {
  const [name = "", query] = path.split("?");
  if (name === "runs/query") return rowsOf(body ?? {}, runs);
  if (method !== "GET") return null;
  if (name === "columns") return columnsPage(Object.fromEntries(new URLSearchParams(query)), runs);
  const [, id] = /^runs\/([^/]+)$/.exec(name) ?? [];
  const run = id === undefined ? undefined : runs.get(decodeURIComponent(id));
  return run ? { ...ABSENT, ...run } : null;
}

function columnsPage(query: Readonly<Record<string, string>>, runs: ReadonlyMap<string, Run>) {
  const columns = selectColumns(columnsOfRuns([...runs.values()]), query);
  const limit = Number(query.limit ?? columns.length);
  return { columns: columns.slice(0, limit), cursor: null, total: columns.length };
}

/** A page of rows of runs that are listed by id: of all of them, or none. */
function rowsOf(body: Readonly<Record<string, unknown>>, runs: ReadonlyMap<string, Run>): object | null {
  const { columns, filter, limit = Number.POSITIVE_INFINITY, ...rest } = body;
  const ids = idsOfFilter(filter);
  if (!ids || !Array.isArray(columns) || Object.keys(rest).length > 0) return null;
  const listed = ids.flatMap((id) => runs.get(id) ?? []).sort(newestFirst);
  if (listed.length < ids.length || !columns.every(isInFile)) return null;
  const rows = listed.slice(0, Number(limit)).map((run) => rowOf(run, columns as string[]));
  return { rows, cursor: null, total: listed.length };
}

function rowOf(run: Run, columns: readonly string[]) {
  const { id, name, state, color } = run;
  const leaves = new Map(leavesOf(run).map(({ column, value }) => [plain(column), value]));
  const values = columns.map((column) => (isOwn(column) ? OWN[column](run) : leaves.get(plain(column))));
  const nulls = values.flatMap((value, at) => (value === null && !isOwn(columns[at]!) ? [at] : []));
  return { id, name, state, color, values: values.map(inTable), ...(nulls.length > 0 && { nulls }) };
}

const OWN = {
  id: ({ id }: Run) => id,
  name: ({ name }: Run) => name,
  state: ({ state }: Run) => state,
  notes: ({ notes }: Run) => notes,
  tags: ({ tags }: Run) => tags,
  group: ({ group }: Run) => group,
  job_type: (run: Run) => run.job_type,
  created: (run: Run) => run.created_micros,
} as const;

function isOwn(column: string): column is keyof typeof OWN {
  return Object.hasOwn(OWN, column);
}

function isInFile(column: unknown): boolean {
  return typeof column === "string" && (isOwn(column) || /^(config|summary)\./.test(column));
}

/** A nested value and one whose key has a dot are named alike. */
function plain(column: string): string {
  return column.replaceAll("\\.", ".");
}

/** A value as rows have it: numbers that JSON lacks are words. */
function inTable(value: unknown): unknown {
  const number = typeof value === "object" ? numberOf(value) : null;
  return number === null ? (value ?? null) : Number.isFinite(number) ? number : String(number);
}
