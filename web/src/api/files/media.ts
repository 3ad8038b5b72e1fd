/** Images and other media of runs at a step, and the steps at which there are any. */

import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { formatBytes } from "@/data/text/format";
import { jsonBody, projectPath, requestJson } from "../client";
import type { ObjectAxis } from "../metrics/object-axis";
import { seriesKey } from "../metrics/series";
import type { ProjectRef, Schemas } from "../types";

export type MediaFile = Schemas["MediaFile"];
export type MediaItem = Schemas["MediaItem"];
export type MediaLayer = Schemas["MediaLayer"];
export type MediaSeries = Schemas["MediaSeries"];
export type MediaSteps = Schemas["MediaSteps"];

const KEEP_MILLIS = 60_000;
/** Of a content that is read as a whole: to parse a larger one stops the page, or its memory ends. */
const MOST_BYTES = 128 * 2 ** 20;
/** A file on its way is not told of by an event. */
const AWAITED_MILLIS = 3_000;

/** The key begins as the keys of curves do, for `api/live/live.ts` to find it by. */
function keyOf(ref: ProjectRef, runs: readonly string[], keys: readonly string[]) {
  return [...seriesKey(ref), { keys, runs: runs.join(",") }] as const;
}

/**
 * The last media of each run and key at or before a step; null: the last of all. Of live runs the last that
 * have come, as a run that logs all the time always has some on their way.
 */
export function mediaQuery(
  ref: ProjectRef,
  runs: readonly string[],
  keys: readonly string[],
  step: number | null,
  live: readonly string[],
) {
  return mediaListQuery(ref, { runs, keys, step, skip_awaited: step === null ? live : [] });
}

/** Of each run and key the last media at or before each of some x, each once. */
export function mediaColumnsQuery(
  ref: ProjectRef,
  runs: readonly string[],
  keys: readonly string[],
  columns: readonly number[],
  axis: ObjectAxis,
) {
  return mediaListQuery(ref, { runs, keys, columns, ...axis });
}

function mediaListQuery(ref: ProjectRef, query: Schemas["MediaQuery"]) {
  const { runs, keys, ...position } = query;
  return queryOptions({
    queryKey: [...keyOf(ref, runs, keys), "media", position] as const,
    queryFn: async ({ signal }): Promise<readonly MediaSeries[]> => {
      const answer = await requestJson<Schemas["MediaList"]>(`${projectPath(ref)}/media/query`, {
        ...jsonBody<"MediaQuery">("POST", query),
        signal,
      });
      return answer.series;
    },
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => (hasAwaited(state.data ?? []) ? AWAITED_MILLIS : false),
    gcTime: KEEP_MILLIS,
  });
}

/** The steps, or other x, of all these series together. */
export function mediaStepsQuery(
  ref: ProjectRef,
  runs: readonly string[],
  keys: readonly string[],
  axis: ObjectAxis = { axis: "step" },
) {
  return queryOptions({
    queryKey: [...keyOf(ref, runs, keys), "media steps", axis] as const,
    queryFn: ({ signal }): Promise<MediaSteps> =>
      requestJson<MediaSteps>(`${projectPath(ref)}/media/steps`, {
        ...jsonBody<"MediaStepsQuery">("POST", { runs, keys, ...axis }),
        signal,
      }),
    placeholderData: keepPreviousData,
    gcTime: KEEP_MILLIS,
  });
}

/** The content of a file, which never changes at an address that names its hash. */
export function contentQuery<T>(
  file: Pick<MediaFile, "path" | "url" | "n_bytes">,
  name: string,
  read: (answer: Response) => Promise<T>,
  init: RequestInit = {},
) {
  return queryOptions({
    queryKey: ["content", name, file.url] as const,
    queryFn: async ({ signal }): Promise<T> => {
      if (file.n_bytes > MOST_BYTES && !init.headers)
        throw new Error(`files of more than ${formatBytes(MOST_BYTES)} are not shown: download it`);
      const answer = await fetch(file.url, { ...init, signal });
      if (!answer.ok) throw new Error(`${file.path} could not be read (${answer.status})`);
      return read(answer);
    },
    enabled: file.url !== "",
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: KEEP_MILLIS,
  });
}

/** A text that tells contents of a path apart, also one that is not stored yet. */
export function fileVersion({ url, state }: MediaFile): string {
  return `${url} ${state}`;
}

function hasAwaited(series: readonly MediaSeries[]): boolean {
  return series.some(
    ({ items, newer_step }) =>
      newer_step !== null ||
      items.some(({ file, layers }) => [file, ...layers.map((layer) => layer.file)].some(isAwaited)),
  );
}

function isAwaited({ state }: MediaFile): boolean {
  return state === "awaited";
}
