/**
 * The last values of curves as they were logged: what is drawn at a curve's end may be smoothed, or a mean of many.
 */

import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { FEWEST_BUCKETS, type PanelRequest, seriesQuery } from "@/api/metrics/series";
import { useOptionalQuery } from "@/api/optional-query";
import type { LineView } from "@/charts/line/curve";
import { leastOf } from "@/charts/line/fill";
import { buildChart } from "@/charts/line/line-build";
import { type SeriesColumns, seriesName } from "@/data/curves/columns";
import type { PanelProps } from "../../panel-props";
import { endsRequest } from "./line-request";
import type { LineData } from "./use-line-data";

/** By the curves' ids; null: only the ends that are drawn are known. */
export type LastValues = ReadonlyMap<string, number> | "pending" | null;

interface CurveFigure {
  /** The last value in view, smoothed as the curve is. */
  readonly end: number;
  /** The same before smoothing. */
  readonly raw: number;
  /** The lowest one in view. */
  readonly least: number;
}

/** By the curves' ids; null: only the curves that are drawn are known. */
export type CurveFigures = ReadonlyMap<string, CurveFigure> | "pending" | null;

type RequestedCurves = Pick<LineData, "curves" | "request" | "besideRequest">;

/**
 * The last values by curve id; a group's is the center of its runs' last values. Null for parts of the x axis, which
 * have none.
 *
 * @param isAnswered whether the server answered the panel's own query; a query that it refuses is not repeated
 */
export function useLastValues(
  project: PanelProps["project"],
  data: RequestedCurves,
  isAnswered: boolean,
): LastValues {
  const { curves } = data;
  const series = useLastSeries(project, data, isAnswered);
  return useMemo(() => {
    if (series === null || series === "pending") return series;
    const lasts = new Map(series.map((columns) => [seriesName(columns), lastOf(columns.last ?? [])]));
    const entries = curves.flatMap(({ id, columns }) => {
      const last = lasts.get(seriesName(columns));
      return last === undefined ? [] : [[id, last] as const];
    });
    return new Map(entries);
  }, [series, curves]);
}

/** The steps of the first nonfinite points of curves, by id, where they are known: a drawn point stands for several steps. */
export function useFirstNonfinite(
  project: PanelProps["project"],
  data: RequestedCurves,
  isAnswered: boolean,
): ReadonlyMap<string, number> {
  const series = useLastSeries(project, data, isAnswered);
  const { curves } = data;
  return useMemo(() => {
    if (series === null || series === "pending") return new Map();
    const steps = new Map(series.map((columns) => [seriesName(columns), columns.firstNonfinite]));
    return new Map(curves.map(({ id, columns }) => [id, steps.get(seriesName(columns)) ?? Number.NaN]));
  }, [series, curves]);
}

/**
 * Ends and lowest points of curves. The buckets that are drawn follow the width of the window, and with them means and
 * smoothed values: these are of buckets that don't.
 */
export function useCurveFigures(
  project: PanelProps["project"],
  data: RequestedCurves,
  view: LineView,
  isAnswered: boolean,
): CurveFigures {
  const { curves } = data;
  const series = useSeriesOf(project, data, isAnswered, endsRequest);
  return useMemo(
    () => (series === null || series === "pending" ? series : figuresOf(curves, series, view)),
    [series, curves, view],
  );
}

function useLastSeries(project: PanelProps["project"], data: RequestedCurves, isAnswered: boolean) {
  const { lo, hi } = data.request;
  return useSeriesOf(project, data, isAnswered && lo === null && hi === null, lastRequest);
}

/** The series of a panel, and of the baseline next to groups, by a request made from the panel's own. */
function useSeriesOf(
  project: PanelProps["project"],
  { request, besideRequest }: RequestedCurves,
  isWanted: boolean,
  requestOf: (request: PanelRequest) => PanelRequest,
): readonly SeriesColumns[] | "pending" | null {
  const { data, isError } = useQuery({
    ...seriesQuery(project, requestOf(request)),
    enabled: isWanted,
    placeholderData: undefined,
  });
  const besideQuery = besideRequest && isWanted ? seriesQuery(project, requestOf(besideRequest)) : null;
  const beside = useOptionalQuery(besideQuery && { ...besideQuery, placeholderData: undefined })?.data;
  return useMemo(() => {
    if (!isWanted || isError) return null;
    return data ? [...data.series, ...(beside?.series ?? [])] : "pending";
  }, [isWanted, isError, data, beside]);
}

function lastRequest(request: PanelRequest): PanelRequest {
  return { ...request, nBuckets: FEWEST_BUCKETS, bounds: null, isLogX: false, isExact: true };
}

/** The last and the lowest value in view of each curve that `series` has, by its id. */
function figuresOf(
  curves: LineData["curves"],
  series: readonly SeriesColumns[],
  view: LineView,
): ReadonlyMap<string, CurveFigure> {
  const byName = new Map(series.map((columns) => [seriesName(columns), columns]));
  const same = curves.flatMap((curve) => {
    const columns = byName.get(seriesName(curve.columns));
    return columns ? [{ ...curve, columns }] : [];
  });
  const { lines, x } = buildChart(same, view);
  return new Map(
    lines.flatMap((line) => {
      const at = line.x.findLastIndex((px) => px <= x[1]);
      const [end, raw] = [line.drawn[at], line.mean[at]];
      return end === undefined || raw === undefined
        ? []
        : [[line.id, { end, raw, least: leastOf(line, x) }] as const];
    }),
  );
}

function lastOf(values: ArrayLike<number>): number | undefined {
  return Array.from(values).findLast(Number.isFinite);
}
