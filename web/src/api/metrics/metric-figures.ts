/** One number for each run from all points of a metric: the last one, the least, the greatest, the mean. */

import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { tableFromIPC } from "@uwdata/flechette";
import { jsonBody, projectPath, request, requestJson } from "../client";
import { askProjects, type ProjectRuns } from "../several-projects/run-keys";
import type { ProjectRef, Schemas } from "../types";
import { seriesKey } from "./series";

export type Figure = "latest" | "min" | "max" | "mean";

/** Fewer buckets the server does not give; each is as exact as the whole. */
const BUCKETS = 64;
const KEEP_MILLIS = 60_000;

/** Last values as the server has them: a number that is not finite is a text. */
export type LatestValues = ReadonlyMap<string, Readonly<Record<string, unknown>>>;

/** The last value of each of some metrics, by run. Its key is found by `api/live/live.ts` like those of curves. */
export function latestQuery(ref: ProjectRef, runs: readonly string[], keys: readonly string[]) {
  return queryOptions({
    queryKey: [...seriesKey(ref), { keys, runs: runs.join(",") }, "latest"] as const,
    queryFn: ({ signal }) => askLatest(ref, runs, keys, signal),
    placeholderData: keepPreviousData,
    structuralSharing: false,
    gcTime: KEEP_MILLIS,
  });
}

async function askLatest(
  own: ProjectRef,
  runs: readonly string[],
  keys: readonly string[],
  signal: AbortSignal,
): Promise<LatestValues> {
  const answers = await askProjects(own, runs, async ({ ref, ids, keyOf }) => {
    const answer = await requestJson<Schemas["LatestList"]>(`${projectPath(ref)}/latest`, {
      ...jsonBody<"LatestQuery">("POST", { runs: ids, keys }),
      signal,
    });
    return answer.runs.map(({ run, values }) => [keyOf(run), values] as const);
  });
  return new Map(answers.flat());
}

/** `lastFinite`: the last value; of a run whose last one is not finite, the mean of those that are. */
export type FigureOfRuns = Figure | "lastFinite";

/** A figure of one metric, by run; runs without a finite value are not in it. */
export function figuresQuery(ref: ProjectRef, runs: readonly string[], key: string, figure: FigureOfRuns) {
  return queryOptions({
    queryKey: [...seriesKey(ref), { keys: [key], runs: runs.join(",") }, "figures", figure] as const,
    queryFn: async ({ signal }): Promise<ReadonlyMap<string, number>> => {
      if (figure !== "latest" && figure !== "lastFinite") return askFigures(ref, runs, key, figure, signal);
      const latest = await askLatest(ref, runs, [key], signal);
      const numbers = [...latest].map(([run, values]) => [run, Number(values[key])] as const);
      const finite = numbers.filter(([, value]) => Number.isFinite(value));
      if (figure === "latest" || finite.length === numbers.length) return new Map(finite);
      return new Map([...(await askFigures(ref, runs, key, "mean", signal)), ...finite]);
    },
    placeholderData: keepPreviousData,
    structuralSharing: false,
    gcTime: KEEP_MILLIS,
  });
}

async function askFigures(
  own: ProjectRef,
  runs: readonly string[],
  key: string,
  figure: Exclude<Figure, "latest">,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, number>> {
  const answers = await askProjects(own, runs, (part) => askFiguresOf(part, key, figure, signal));
  return new Map(answers.flatMap((figures) => [...figures]));
}

async function askFiguresOf(
  { ref, ids: runs, keyOf }: ProjectRuns,
  key: string,
  figure: Exclude<Figure, "latest">,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, number>> {
  const panel: Schemas["PanelQuery"] = {
    runs,
    keys: [key],
    axis: "step",
    lo: null,
    hi: null,
    n_buckets: BUCKETS,
  };
  const response = await request(`${projectPath(ref)}/series`, {
    ...jsonBody<"PanelsQuery">("POST", { panels: [panel], full: true }),
    signal,
  });
  const table = tableFromIPC(new Uint8Array(await response.arrayBuffer()));
  const list = (name: string, row: number) => table.getChild(name).at(row) as ArrayLike<number | bigint>;
  const figures = new Map<string, number>();
  for (let row = 0; row < table.numRows; row++) {
    const value = figureOf(
      figure,
      Array.from(list("count", row), Number),
      Array.from(list(`${figure}64`, row), Number),
    );
    if (Number.isFinite(value)) figures.set(keyOf(String(table.getChild("run").at(row))), value);
  }
  return figures;
}

/** From buckets with `counts` finite points to the whole. */
export function figureOf(
  figure: Exclude<Figure, "latest">,
  counts: readonly number[],
  values: readonly number[],
): number {
  const filled = values.flatMap((value, i) => (counts[i]! > 0 ? [{ value, n: counts[i]! }] : []));
  if (filled.length === 0) return Number.NaN;
  if (figure === "min") return filled.reduce((least, { value }) => Math.min(least, value), Infinity);
  if (figure === "max") return filled.reduce((most, { value }) => Math.max(most, value), -Infinity);
  const n = filled.reduce((sum, bucket) => sum + bucket.n, 0);
  return filled.reduce((sum, { value, n: weight }) => sum + (value * weight) / n, 0);
}
