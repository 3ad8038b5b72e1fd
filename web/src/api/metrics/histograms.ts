/** A metric's histograms of some runs over a range, at most one for each px or two of a heat map. */

import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { jsonBody, projectPath, requestJson } from "../client";
import type { ProjectRef, Schemas } from "../types";
import type { ObjectAxis } from "./object-axis";
import { seriesKey } from "./series";

export type HistogramSeries = Schemas["HistogramSeries"];

const KEEP_MILLIS = 60_000;

/** Its key is found by `api/live/live.ts` like those of curves. Runs without histograms of the metric are not in it. */
export function histogramsQuery(
  ref: ProjectRef,
  runs: readonly string[],
  key: string,
  axis: ObjectAxis,
  nColumns: number,
) {
  return queryOptions({
    queryKey: [
      ...seriesKey(ref),
      { keys: [key], runs: runs.join(",") },
      "histograms",
      axis,
      nColumns,
    ] as const,
    queryFn: async ({ signal }): Promise<readonly HistogramSeries[]> => {
      const body = { runs, keys: [key], ...axis, n_columns: nColumns };
      const answer = await requestJson<Schemas["HistogramList"]>(`${projectPath(ref)}/histograms`, {
        ...jsonBody<"HistogramQuery">("POST", body),
        signal,
      });
      return answer.series;
    },
    placeholderData: keepPreviousData,
    gcTime: KEEP_MILLIS,
  });
}
