/**
 * The last values of curves as they were logged: what is drawn at a curve's end may be smoothed, or a mean of many.
 */

import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { FEWEST_BUCKETS, seriesQuery } from "@/api/metrics/series";
import type { LineView } from "@/charts/line/curve";
import { buildChart } from "@/charts/line/line-build";
import { type SeriesColumns, seriesName } from "@/data/curves/columns";
import type { PanelProps } from "../../panel-props";
import { endsRequest } from "./line-request";
import type { LineData } from "./use-line-data";

/** By the curves' ids; null: only the ends that are drawn are known. */
export type LastValues = ReadonlyMap<string, number> | "pending" | null;

/**
 * The last values by curve id. Null for groups and parts of the x axis, which have none.
 *
 * @param isAnswered whether the server answered the panel's own query; a query that it refuses is not repeated
 */
export function useLastValues(
  project: PanelProps["project"],
  { curves, request }: Pick<LineData, "curves" | "request">,
  isAnswered: boolean,
): LastValues {
  const lastRequest = { ...request, nBuckets: FEWEST_BUCKETS, bounds: null, isLogX: false, isExact: true };
  const isWanted = isAnswered && !request.group && request.lo === null && request.hi === null;
  const { data, isError } = useQuery({
    ...seriesQuery(project, lastRequest),
    enabled: isWanted,
    placeholderData: undefined,
  });
  return useMemo(() => {
    if (!isWanted || isError) return null;
    if (!data) return "pending";
    const lasts = new Map(data.series.map((columns) => [seriesName(columns), lastOf(columns.last ?? [])]));
    const entries = curves.flatMap(({ id, columns }) => {
      const last = lasts.get(seriesName(columns));
      return last === undefined ? [] : [[id, last] as const];
    });
    return new Map(entries);
  }, [isWanted, data, isError, curves]);
}

/**
 * The ends of smoothed curves by curve id. The buckets that are drawn follow the width of the window, and with them the
 * smoothed values: these are smoothed from buckets that don't.
 */
export function useSmoothedEnds(
  project: PanelProps["project"],
  { curves, request }: Pick<LineData, "curves" | "request">,
  view: LineView,
  isAnswered: boolean,
): LastValues {
  const isWanted = isAnswered && view.smoothing.kind !== "none";
  const { data, isError } = useQuery({
    ...seriesQuery(project, endsRequest(request)),
    enabled: isWanted,
    placeholderData: undefined,
  });
  return useMemo(() => {
    if (!isWanted || isError) return null;
    return data ? smoothedEnds(curves, data.series, view) : "pending";
  }, [isWanted, data, isError, curves, view]);
}

/** The last smoothed value in view of each curve that `series` has, by its id. */
function smoothedEnds(
  curves: LineData["curves"],
  series: readonly SeriesColumns[],
  view: LineView,
): ReadonlyMap<string, number> {
  const byName = new Map(series.map((columns) => [seriesName(columns), columns]));
  const same = curves.flatMap((curve) => {
    const columns = byName.get(seriesName(curve.columns));
    return columns ? [{ ...curve, columns }] : [];
  });
  const { lines, x } = buildChart(same, view);
  return new Map(
    lines.flatMap((line) => {
      const last = line.drawn[line.x.findLastIndex((at) => at <= x[1])];
      return last === undefined ? [] : [[line.id, last] as const];
    }),
  );
}

function lastOf(values: ArrayLike<number>): number | undefined {
  return Array.from(values).findLast(Number.isFinite);
}
