/**
 * Curves: one request for all panels that ask in the same moment, answered panel by panel.
 *
 * Step of the data's way: asked by `panels/`, hands `SeriesColumns` to `charts/line/line-build.ts`.
 * The request is aborted when the last panel that waits for it has left.
 */

import { keepPreviousData, type QueryClient, queryOptions } from "@tanstack/react-query";
import type { PanelSeries } from "@/data/curves/columns";
import type { NamedExpression } from "@/data/view/panel";
import { type AxisKind, type Band, hasAxisBy, type PanelSettings } from "@/data/view/settings";
import type { Order } from "@/data/view/view";
import { inheritSource, loadersOf } from "../answers";
import { ApiError, jsonBody, projectPath, request } from "../client";
import { pathSince, type Seen, seenNow } from "../live/seen";
import { isRunKey } from "../several-projects/run-keys";
import type { ProjectRef, Schemas } from "../types";
import { BatchReader } from "./arrow";
import { loadLogDetail } from "./log-detail";

/** Runs by a filter instead of by id. */
export interface RunChoice {
  /** In the filter language; empty: all runs. */
  readonly filter: string;
  /** Empty: newest first. */
  readonly order: readonly Order[];
  readonly limit: number;
}

/** One panel of `POST …/series`. What is left out is not asked for. */
export interface PanelRequest {
  /** Run ids, or a filter that selects runs. */
  readonly runs: readonly string[] | RunChoice;
  readonly keys: readonly string[];
  /** Computed curves; their names are `key` in the answer. */
  readonly expressions?: readonly NamedExpression[];
  /** The run that `baseline(…)` in expressions means. */
  readonly baseline?: string | null;
  readonly axis: AxisKind;
  /** The metric's name or the expression's text, for the axes `metric` and `expression`. */
  readonly axisBy?: string | null;
  /** In steps, µs (`wall`: since 1970) or the metric's unit, half-open; null is the whole range. See `edgesOf`. */
  readonly lo: number | null;
  readonly hi: number | null;
  /** `FEWEST_BUCKETS` … 10,000. */
  readonly nBuckets: number;
  /** `writer`, or a label: a curve for each. Not together with `group`. */
  readonly by?: string | null;
  /** A curve for each group of runs; an empty `by` makes one of all. Not by wall time. */
  readonly group?: {
    readonly by: readonly string[];
    readonly center: PanelSettings["center"];
    readonly band: Exclude<Band, "auto" | "none"> | null;
  } | null;
  /** Ask where the y axis should end: percentiles, from 0 to 1. */
  readonly bounds?: { readonly lo: number; readonly hi: number } | null;
  /** Also ask for the beginning in finer buckets. */
  readonly isLogX?: boolean;
  /** Ask for float64, three times as large: for files, not for the screen. */
  readonly isExact?: boolean;
}

/** Part of a zoomed range that is also requested beyond each edge: lines lead there, and a drag finds something. */
const MARGIN = 1 / 8;

/**
 * The request that draws `range` with `nBuckets` buckets: whole steps or µs, half-open, with a margin.
 *
 * Ends lie on a grid, so that a small move asks for nothing new.
 */
export function detailOf(
  range: readonly [number, number] | null,
  axis: AxisKind,
  nBuckets: number,
): Pick<PanelRequest, "lo" | "hi" | "nBuckets"> {
  if (!range) return { lo: null, hi: null, nBuckets };
  const unit = axis === "time" || axis === "time_wall" || axis === "wall" ? 1e6 : 1;
  const [from, to] = [range[0] * unit, range[1] * unit];
  const margin = (to - from) * MARGIN;
  const grid = 2 ** Math.floor(Math.log2(margin));
  const lo = Math.floor((from - margin) / grid) * grid;
  const hi = (Math.ceil((to + margin) / grid) + 1) * grid;
  const isWhole = !hasAxisBy(axis) && axis !== "defined";
  const wider = Math.ceil((nBuckets * (hi - lo)) / (to - from));
  return {
    lo: isWhole ? Math.floor(lo) : lo,
    // what lies at the end of the range belongs to it
    hi: isWhole ? Math.ceil(hi) + 1 : hi,
    nBuckets: Math.min(MAX_BUCKETS, wider),
  };
}

/** Panels that mount in one go ask within this time; then the request leaves. */
const GATHER_MILLIS = 8;
/** So that one slow panel cannot hold back more than this many others. */
const PANELS_PER_REQUEST = 24;
/** The server takes no smaller number. */
export const FEWEST_BUCKETS = 64;
/** The server gives no more. */
const MAX_BUCKETS = 10_000;
/** Time and size up to which curves that left the page are kept for scrolling back. */
const KEEP_MILLIS = 60_000;
const KEEP_BYTES = 32e6;

/** The prefix of the keys of all curves of a project. */
export function seriesKey(ref: ProjectRef) {
  return ["series", ref.entity, ref.project] as const;
}

/** The curves of one panel. The metric keys are part of the query key, for `api/live/live.ts` to find it by. */
export function seriesQuery(ref: ProjectRef, panel: PanelRequest) {
  return queryOptions({
    queryKey: [...seriesKey(ref), { ...panel, runs: runsText(panel.runs) }],
    queryFn: async ({ signal, client }) => {
      const answer = await loadSeries(ref, panel, signal);
      evictUnused(client, ref);
      return answer;
    },
    placeholderData: keepPreviousData,
    structuralSharing: false,
    gcTime: KEEP_MILLIS,
  });
}

/** Of what no panel shows any more, forget the oldest beyond `KEEP_BYTES`. */
function evictUnused(client: QueryClient, ref: ProjectRef): void {
  const unused = client.getQueryCache().findAll({ queryKey: seriesKey(ref), type: "inactive" });
  unused.sort((a, b) => b.state.dataUpdatedAt - a.state.dataUpdatedAt);
  let nBytes = 0;
  for (const query of unused) {
    nBytes += (query.state.data as PanelSeries | undefined)?.nBytes ?? 0;
    if (nBytes > KEEP_BYTES) client.getQueryCache().remove(query);
  }
}

/** The curves of one panel, for questions that lead to others; they share requests like all. */
export function loadSeries(ref: ProjectRef, panel: PanelRequest, signal: AbortSignal): Promise<PanelSeries> {
  const { runs } = panel;
  if (isIds(runs) && runs.some(isRunKey))
    return import("../several-projects/joined-series").then(({ loadJoined }) =>
      loadJoined(ref, { ...panel, runs }, (of, part) => loadSeries(of, { ...panel, ...part }, signal)),
    );
  const load = (panelRequest: PanelRequest) => loaderOf(ref, signal).load(panelRequest, signal);
  return panel.isLogX ? loadLogDetail(load, panel) : load(panel);
}

/** Ids as one text, as hashing a key of a thousand is slow; null where a filter chooses. */
function runsText(runs: PanelRequest["runs"]): string | RunChoice {
  return isIds(runs) ? runs.join(",") : runs;
}

function isIds(runs: PanelRequest["runs"]): runs is readonly string[] {
  return Array.isArray(runs);
}

function bodyOf(panel: PanelRequest): Schemas["PanelQuery"] {
  const { runs, axis, axisBy, nBuckets, by, group, bounds, isExact: _, isLogX: __, ...rest } = panel;
  return {
    ...rest,
    ...(isIds(runs) ? { runs } : { ...runs, filter: runs.filter || null }),
    axis,
    axis_metric: axis === "metric" ? axisBy : null,
    axis_expression: axis === "expression" ? axisBy : null,
    n_buckets: nBuckets,
    by,
    group,
    bounds,
  };
}

interface Waiting {
  readonly panel: PanelRequest;
  readonly seen: Seen;
  readonly signal: AbortSignal;
  readonly resolve: (series: PanelSeries) => void;
  readonly reject: (error: unknown) => void;
}

class SeriesLoader {
  readonly #path: string;
  /** Metrics that were drawn over another one, as `define_metric` says. */
  readonly #joined = new Set<string>();
  #queue: Waiting[] = [];
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(ref: ProjectRef) {
    this.#path = `${projectPath(ref)}/series`;
  }

  load(panel: PanelRequest, signal: AbortSignal): Promise<PanelSeries> {
    if (isIds(panel.runs) && panel.runs.length === 0)
      return Promise.resolve({ series: [], missing: [], bounds: null, nBytes: 0 });
    return new Promise((resolve, reject) => {
      this.#queue.push({ panel, seen: seenNow(), signal, resolve, reject });
      this.#timer ??= setTimeout(() => this.#send(), GATHER_MILLIS);
    });
  }

  #send(): void {
    this.#timer = null;
    const all = this.#queue.filter((w) => !w.signal.aborted);
    for (const gone of this.#queue) if (gone.signal.aborted) gone.reject(gone.signal.reason);
    this.#queue = [];
    const kindOf = ({ panel, seen }: Waiting) =>
      [Number(this.#isSlow(panel)), panel.isExact ?? false, seen !== null].join();
    for (const kind of [...new Set(all.map(kindOf))].sort()) {
      const alike = all.filter((w) => kindOf(w) === kind);
      for (let i = 0; i < alike.length; i += PANELS_PER_REQUEST)
        void this.#fetch(alike.slice(i, i + PANELS_PER_REQUEST));
    }
  }

  /** Whether the server computes it from points instead of reading it: it must not hold up the others. */
  #isSlow({ expressions, axis, keys }: PanelRequest): boolean {
    if ((expressions?.length ?? 0) > 0 || hasAxisBy(axis)) return true;
    return axis === "defined" && keys.some((key) => this.#joined.has(key));
  }

  async #fetch(waiting: Waiting[]): Promise<void> {
    const abort = new AbortController();
    inheritSource(waiting[0]!.signal, abort.signal);
    let left = waiting.length;
    const leave = () => {
      left -= 1;
      if (left === 0) abort.abort();
    };
    for (const w of waiting) w.signal.addEventListener("abort", leave, { once: true });
    let answered = 0;
    try {
      const body = {
        panels: waiting.map(({ panel }) => bodyOf(panel)),
        full: waiting[0]?.panel.isExact ?? false,
        reasons: true,
      };
      const seen = waiting
        .map((w) => w.seen)
        .reduce((a, b) => (a === null || b === null ? null : Math.max(a, b)));
      const response = await request(pathSince(this.#path, seen), {
        ...jsonBody<"PanelsQuery">("POST", body),
        signal: abort.signal,
      });
      if (!response.body) throw new ApiError(0, "unreachable", "The server sent nothing");
      const reader = new BatchReader(waiting.map(({ panel }) => panel.axis));
      for await (const bytes of chunksOf(response.body)) {
        for (const series of reader.push(bytes)) {
          for (const { key, axisMetric } of series.series) if (axisMetric) this.#joined.add(key);
          waiting[answered]?.resolve(series);
          answered += 1;
        }
      }
      if (answered < waiting.length) throw new ApiError(0, "unreachable", "The answer ended early");
    } catch (error) {
      // one question that is wrong must not take the others with it
      if (error instanceof ApiError && error.status === 400 && waiting.length > 1)
        for (const w of waiting) void this.#fetch([w]);
      else for (const w of waiting.slice(answered)) w.reject(error);
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

const loaderOf = loadersOf(projectPath, (ref) => new SeriesLoader(ref));
