/**
 * The last values of curves as they were logged: what is drawn at a curve's end may be smoothed, or a mean of many.
 */

import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { FEWEST_BUCKETS, seriesQuery } from "@/api/metrics/series";
import { seriesName } from "@/data/curves/columns";
import type { PanelProps } from "../../panel-props";
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

function lastOf(values: ArrayLike<number>): number | undefined {
  return Array.from(values).findLast(Number.isFinite);
}
