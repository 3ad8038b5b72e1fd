/**
 * Curves: one request for all panels that ask in the same moment, answered panel by panel.
 *
 * Step of the data's way: asked by `panels/`, hands `SeriesColumns` to `charts/line/line-build.ts`.
 * The request is aborted when the last panel that waits for it has left.
 */

import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import type { Axis, SeriesColumns } from "@/data/columns";
import { BatchReader } from "./arrow";
import { ApiError, jsonBody, projectPath, request } from "./client";
import type { ProjectRef } from "./types";

/** One panel of `POST …/series`. */
export interface PanelRequest {
  readonly runs: readonly string[];
  readonly keys: readonly string[];
  readonly axis: Axis;
  /** In steps or µs, half-open; null is the whole range. */
  readonly lo: number | null;
  readonly hi: number | null;
  readonly nBuckets: number;
}

/** Panels that mount in one go ask within this time; then the request leaves. */
const GATHER_MILLIS = 8;
/** So that one slow panel cannot hold back more than this many others. */
const PANELS_PER_REQUEST = 24;
/** What left the page is kept this long, for scrolling back. */
const KEEP_MILLIS = 60_000;

/** The prefix of the keys of all curves of a project. */
export function seriesKey(ref: ProjectRef) {
  return ["series", ref.entity, ref.project] as const;
}

/** The curves of one panel. The metric keys are part of the query key, for `api/live.ts` to find it by. */
export function seriesQuery(ref: ProjectRef, panel: PanelRequest) {
  return queryOptions({
    queryKey: [...seriesKey(ref), { ...panel, runs: panel.runs.join(",") }],
    queryFn: ({ signal }) => loaderOf(ref).load(panel, signal),
    placeholderData: keepPreviousData,
    structuralSharing: false,
    gcTime: KEEP_MILLIS,
  });
}

interface Waiting {
  readonly panel: PanelRequest;
  readonly signal: AbortSignal;
  readonly resolve: (series: SeriesColumns[]) => void;
  readonly reject: (error: unknown) => void;
}

class SeriesLoader {
  readonly #path: string;
  #queue: Waiting[] = [];
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(ref: ProjectRef) {
    this.#path = `${projectPath(ref)}/series`;
  }

  load(panel: PanelRequest, signal: AbortSignal): Promise<SeriesColumns[]> {
    if (panel.runs.length === 0) return Promise.resolve([]);
    return new Promise((resolve, reject) => {
      this.#queue.push({ panel, signal, resolve, reject });
      this.#timer ??= setTimeout(() => this.#send(), GATHER_MILLIS);
    });
  }

  #send(): void {
    this.#timer = null;
    const all = this.#queue.filter((w) => !w.signal.aborted);
    for (const gone of this.#queue) if (gone.signal.aborted) gone.reject(gone.signal.reason);
    this.#queue = [];
    for (let i = 0; i < all.length; i += PANELS_PER_REQUEST)
      void this.#fetch(all.slice(i, i + PANELS_PER_REQUEST));
  }

  async #fetch(waiting: Waiting[]): Promise<void> {
    const abort = new AbortController();
    let left = waiting.length;
    const leave = () => {
      left -= 1;
      if (left === 0) abort.abort();
    };
    for (const w of waiting) w.signal.addEventListener("abort", leave, { once: true });
    let answered = 0;
    try {
      const body = {
        panels: waiting.map(({ panel: { nBuckets, ...panel } }) => ({ ...panel, n_buckets: nBuckets })),
        full: false,
      };
      const response = await request(this.#path, { ...jsonBody("POST", body), signal: abort.signal });
      if (!response.body) throw new ApiError(0, "unreachable", "The server sent nothing");
      const reader = new BatchReader();
      for await (const bytes of chunksOf(response.body)) {
        for (const series of reader.push(bytes)) {
          waiting[answered]?.resolve(series);
          answered += 1;
        }
      }
      if (answered < waiting.length) throw new ApiError(0, "unreachable", "The answer ended early");
    } catch (error) {
      for (const w of waiting.slice(answered)) w.reject(error);
    } finally {
      for (const w of waiting) w.signal.removeEventListener("abort", leave);
    }
  }
}

async function* chunksOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    reader.releaseLock();
  }
}

const loaders = new Map<string, SeriesLoader>();

function loaderOf(ref: ProjectRef): SeriesLoader {
  const name = projectPath(ref);
  let loader = loaders.get(name);
  if (!loader) {
    loader = new SeriesLoader(ref);
    loaders.set(name, loader);
  }
  return loader;
}
