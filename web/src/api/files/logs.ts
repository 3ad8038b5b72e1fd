/** The printed lines of a run: its streams, pages of lines, its last lines, the matches of a search. */

import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { readJson, request, requestJson, runPath } from "../client";
import type { ProjectRef, Schemas } from "../types";

export type LogLine = Schemas["LogLine"];
export type LogStream = Schemas["LogStream"];
export type LogPage = Schemas["LogPage"];
export type LogHits = Schemas["LogHits"];

export const PAGE_LINES = 250;
const TAIL_LINES = 500;

/** Selection of lines: of some writers (null: all), of one stream (null: both). */
export interface LineSelection {
  readonly writers: readonly string[] | null;
  readonly stream: "stdout" | "stderr" | null;
}

export interface LogSearch {
  readonly text: string;
  readonly isRegex: boolean;
}

/** Of all that is asked of a run's output. */
export function logsKey(ref: ProjectRef, run: string) {
  return ["logs", ref.entity, ref.project, run] as const;
}

function logsPath(ref: ProjectRef, run: string): string {
  return `${runPath(ref, run)}/logs`;
}

function queryString(
  { writers, stream }: LineSelection,
  more: Readonly<Record<string, string | number>>,
): string {
  const query = new URLSearchParams();
  for (const writer of writers ?? []) query.append("writer", writer);
  if (stream) query.set("stream", stream);
  for (const [name, value] of Object.entries(more)) query.set(name, String(value));
  return query.toString();
}

export function logStreamsQuery(ref: ProjectRef, run: string) {
  return queryOptions({
    queryKey: [...logsKey(ref, run), "streams"] as const,
    queryFn: async ({ signal }): Promise<readonly LogStream[]> =>
      (await requestJson<Schemas["LogStreams"]>(`${logsPath(ref, run)}/streams`, { signal })).streams,
  });
}

/** The last lines, and how many there are. */
export function logTailQuery(ref: ProjectRef, run: string, selection: LineSelection) {
  return queryOptions({
    queryKey: [...logsKey(ref, run), "tail", selection] as const,
    queryFn: readJson<LogPage>(
      `${logsPath(ref, run)}?${queryString(selection, { tail: "true", limit: TAIL_LINES })}`,
    ),
    placeholderData: keepPreviousData,
  });
}

export function logPageQuery(ref: ProjectRef, run: string, selection: LineSelection, page: number) {
  return queryOptions({
    queryKey: [...logsKey(ref, run), "page", selection, page] as const,
    queryFn: readJson<LogPage>(
      `${logsPath(ref, run)}?${queryString(selection, { start: page * PAGE_LINES, limit: PAGE_LINES })}`,
    ),
    gcTime: 30_000,
  });
}

/** The first `n` lines from a position on that a search finds. */
export function logMatchesQuery(
  ref: ProjectRef,
  run: string,
  selection: LineSelection,
  search: LogSearch,
  start: number,
  n: number,
) {
  return queryOptions({
    queryKey: [...logsKey(ref, run), "matches", selection, search, start, n] as const,
    queryFn: readJson<LogPage>(
      `${logsPath(ref, run)}?${queryString(selection, { ...searchedFor(search), start, limit: n })}`,
    ),
    gcTime: 30_000,
  });
}

function searchedFor({ text, isRegex }: LogSearch): Readonly<Record<string, string>> {
  return { search: text, regex: String(isRegex) };
}

export function logHitsQuery(ref: ProjectRef, run: string, selection: LineSelection, search: LogSearch) {
  return queryOptions({
    queryKey: [...logsKey(ref, run), "hits", selection, search] as const,
    // what is held while the next search is on its way says what it was found by
    queryFn: async ({ signal }): Promise<LogHits & { readonly search: LogSearch }> => {
      const path = `${logsPath(ref, run)}/hits?${queryString(selection, searchedFor(search))}`;
      return { ...(await requestJson<LogHits>(path, { signal })), search };
    },
    enabled: search.text !== "",
    retry: false,
  });
}

/** Where the whole log is as text. */
export function logTextUrl(ref: ProjectRef, run: string, selection: LineSelection): string {
  return `/api/v1${logsPath(ref, run)}/text?${queryString(selection, {})}`;
}

export async function fetchLogText(ref: ProjectRef, run: string, selection: LineSelection): Promise<string> {
  return (await request(`${logsPath(ref, run)}/text?${queryString(selection, {})}`)).text();
}

/** The step logged at a time, or the time of a step, and the first line from then on. */
export async function fetchMoment(
  ref: ProjectRef,
  run: string,
  selection: LineSelection,
  at: { readonly time_micros: number } | { readonly step: number },
  signal?: AbortSignal,
): Promise<Schemas["Moment"]> {
  return requestJson<Schemas["Moment"]>(`${logsPath(ref, run)}/moment?${queryString(selection, at)}`, {
    ...(signal && { signal }),
  });
}

const ALL_LINES: LineSelection = { writers: null, stream: null };

/** The row that was logged last up to a time, with its numbers; null: nothing was logged by then. */
export function rowAtTimeQuery(ref: ProjectRef, run: string, micros: number) {
  return queryOptions({
    queryKey: [...logsKey(ref, run), "row", micros] as const,
    queryFn: async ({ signal }): Promise<LoggedRow | null> => {
      const { step } = await fetchMoment(ref, run, ALL_LINES, { time_micros: micros }, signal);
      if (step === null) return null;
      // rows from the step on; the first is the row of the step
      const params = new URLSearchParams({ step_lo: String(step), limit: "1" });
      const path = `${runPath(ref, run)}/history?${params}`;
      const { rows } = await requestJson<{ rows: readonly Readonly<Record<string, unknown>>[] }>(path, {
        signal,
      });
      const numbers = Object.entries(rows[0] ?? {}).filter(
        (entry): entry is [string, number] => typeof entry[1] === "number" && !entry[0].startsWith("_"),
      );
      return { step, numbers };
    },
  });
}

/** A row of the history: its step, and the metrics that are numbers. */
export interface LoggedRow {
  readonly step: number;
  readonly numbers: readonly (readonly [metric: string, value: number])[];
}
