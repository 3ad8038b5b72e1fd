/** The curves of a line panel: its question to the server, and what came back. */

import { useQueries, useQuery } from "@tanstack/react-query";
import { useCallback, useMemo, useState } from "react";
import { useGroupColors } from "@/api/colors/use-group-colors";
import { expressionQuery } from "@/api/metrics/expressions";
import { metricSearchQuery } from "@/api/metrics/metrics";
import { FEWEST_BUCKETS, type PanelRequest, seriesQuery } from "@/api/metrics/series";
import { useOptionalQuery } from "@/api/optional-query";
import { rowsOfRunsQuery } from "@/api/several-projects/rows-of-runs";
import { MARGIN } from "@/charts/axis/scale";
import type { Curve } from "@/charts/line/curve";
import { isStacked } from "@/charts/line/fill";
import type { MissingSeries, PanelSeries, SeriesColumns } from "@/data/curves/columns";
import { mainAxisOf } from "@/data/curves/main-axis";
import { formatMagnitude, isSmall, withMinus } from "@/data/text/format";
import type { Range } from "@/data/view/view";
import type { PanelProps } from "../../panel-props";
import { addsRuns } from "./added-runs";
import { curvesOf, groupsOf } from "./curves";
import { type TemplateValues, templateColumns } from "./legend-text";
import { axisOf, groupingOf, lineRequest } from "./line-request";
import { type Cut, cutOf } from "./long-runs";

/** A pattern draws at most so many metrics. */
const MAX_MATCHES = 50;
/** Runs whose columns a legend's text may name. */
const MAX_NAMED = 1000;

const NO_MATCHES: readonly string[] = [];
const NOTHING: PanelRequest = {
  runs: [],
  keys: [],
  axis: "step",
  lo: null,
  hi: null,
  nBuckets: FEWEST_BUCKETS,
};
const NO_SERIES: readonly SeriesColumns[] = [];
const NO_VALUES: ReadonlyMap<string, TemplateValues> = new Map();

export interface LineData {
  readonly request: PanelRequest;
  /** Further curves: the baseline run next to groups. Null if none. */
  readonly besideRequest: PanelRequest | null;
  /** The series query, for `stateOf`. */
  readonly query: ReturnType<typeof useSeries>["query"];
  /** Over the panel's one x axis. */
  readonly curves: readonly Curve[];
  /** With those over another x axis than most are, which are not drawn. */
  readonly allCurves: readonly Curve[];
  readonly missing: readonly MissingSeries[];
  readonly bounds: Range | null;
  /** Where long runs are cut off; null: nowhere. */
  readonly cut: Cut | null;
  /** By the texts of the panel's invalid expressions: what is wrong with them. */
  readonly wrong: ReadonlyMap<string, string>;
  /** Why the expression of the x axis is invalid: then nothing is requested. */
  readonly wrongAxis: string | null;
}

/**
 * The curves of a request. One that is under way is answered before the next, which only adds runs, is sent: where runs
 * begin faster than the server answers, each would end the one before, and the panel would never be drawn.
 */
function useSeries(project: PanelProps["project"], next: PanelRequest, isWanted: boolean) {
  const [request, setRequest] = useState(next);
  const query = useQuery({ ...seriesQuery(project, request), enabled: isWanted });
  const isUnderWay = query.fetchStatus === "fetching" && (query.isPending || query.isPlaceholderData);
  if (next !== request && !(isWanted && isUnderWay && addsRuns(request, next))) setRequest(next);
  return { request, query };
}

/** @param width of the panel, px; without one, or out of view, nothing is asked */
export function useLineData(
  props: PanelProps,
  zoom: Range | null,
  isInView: boolean,
  width: number,
): LineData {
  const { project, panel, settings, runs, runIds, groupBy, groups: listed, baseline } = props;
  const isWanted = isInView && width > 0;
  const matching = useMatches(props, isWanted);
  const { wrong, wrongAxis, isChecked } = useWrong(props, isWanted);
  const ask = useCallback(
    (range: Range | null) =>
      lineRequest(panel, settings, {
        set: { runIds, groupBy, baseline },
        matching: matching ?? NO_MATCHES,
        wrong,
        zoom: range,
        width: width - MARGIN.left - MARGIN.right,
      }),
    [panel, settings, runIds, groupBy, baseline, matching, wrong, width],
  );
  const whole = useMemo(() => ask(null), [ask]);
  const isReady =
    matching !== null && isChecked && wrongAxis === null && (whole.runs as readonly string[]).length > 0;
  const isCutting = !settings.hasLongRuns && zoom === null && settings.xEnds[1] === null;
  const cut = useCut(project, ask, isCutting && isWanted && isReady);
  const next = useMemo(() => {
    const range = zoom ?? shownOf(cut);
    return range ? ask(range) : whole;
  }, [ask, whole, zoom, cut]);
  const { request, query } = useSeries(project, next, isWanted && isReady);
  const values = useRunValues(props, isWanted);
  const { data } = query;
  const { besideRequest, beside } = useBaselineBeside(props, request, data?.series[0], isWanted && isReady);
  const main = useMemo(() => (data ? mainAxisOf(data, isPart(request)) : ""), [data, request]);
  const groups = useMemo(() => groupsOf(data?.series ?? []), [data]);
  const colors = useGroupColors(project, groupingOf(settings, groupBy), groups, props.groupColors);
  const allCurves = useMemo(() => {
    const series = [...(data?.series ?? []), ...beside];
    return curvesOf(series, { runs, baseline, groups: listed }, settings, values, colors);
  }, [data, beside, runs, listed, baseline, settings, values, colors]);
  const curves = useMemo(() => {
    const ofMain = allCurves.filter(({ columns }) => columns.axisMetric === main);
    return ofMain.length < allCurves.length ? ofMain : allCurves;
  }, [allCurves, main]);
  const { missing = [], bounds = null } = data ?? {};
  return { request, besideRequest, query, curves, allCurves, missing, bounds, cut, wrong, wrongAxis };
}

function isPart({ lo, hi }: PanelRequest): boolean {
  return lo !== null || hi !== null;
}

/** The series over the one x axis that the panel draws. */
function ofMainAxis(data: PanelSeries, request: PanelRequest): readonly SeriesColumns[] {
  const main = mainAxisOf(data, isPart(request));
  return data.series.filter(({ axisMetric }) => axisMetric === main);
}

type Ask = (range: Range | null) => PanelRequest;

function shownOf(cut: Cut | null): Range | null {
  return cut && [Math.min(cut.whole[0], cut.end - 1), cut.end];
}

/** Where long runs are cut off, as far as answers have come: each one has narrower buckets than the one before. */
function useCut(project: PanelProps["project"], ask: Ask, isWanted: boolean): Cut | null {
  const first = useCutIn(project, ask, null, isWanted);
  const second = useCutIn(project, ask, first, isWanted && first !== null);
  return useCutIn(project, ask, second, isWanted && second !== null);
}

/** The cut before it until its own answer has come. */
function useCutIn(
  project: PanelProps["project"],
  ask: Ask,
  before: Cut | null,
  isWanted: boolean,
): Cut | null {
  const request = useMemo(() => (isWanted ? ask(shownOf(before)) : null), [ask, before, isWanted]);
  const data = useOptionalQuery(
    request && { ...seriesQuery(project, request), placeholderData: undefined },
  )?.data;
  return useMemo(
    () => (data && request ? cutOf(ofMainAxis(data, request), before) : before),
    [data, request, before],
  );
}

/** The baseline run by itself next to groups, which it is one of many in. Stacked, it would count twice. */
function useBaselineBeside(
  { project, settings, baseline }: PanelProps,
  request: PanelRequest,
  first: SeriesColumns | undefined,
  isWanted: boolean,
) {
  const isBeside = request.group && baseline && settings.hasBaseline && !isStacked(settings.fill);
  const besideRequest = useMemo(
    () => (isBeside ? { ...request, runs: [baseline.id], group: null, bounds: null } : null),
    [isBeside, request, baseline],
  );
  const { data } = useQuery({
    ...seriesQuery(project, besideRequest ?? NOTHING),
    enabled: isWanted && besideRequest !== null,
  });
  const beside = useMemo(() => {
    if (!besideRequest || !first || !data) return NO_SERIES;
    // while one of the two answers belongs to the earlier question
    const isOfNow = ({ run, axis, axisMetric }: SeriesColumns) =>
      run === besideRequest.runs[0] &&
      axis === first.axis &&
      (axis === "defined" || axisMetric === first.axisMetric);
    return data.series.filter(isOfNow);
  }, [besideRequest, first, data]);
  return { besideRequest, beside };
}

/** Metrics that the pattern matches, an empty one none; null until they are known. */
function useMatches({ project, panel }: PanelProps, isWanted: boolean): readonly string[] | null {
  const { pattern } = panel;
  const query = useQuery({
    ...metricSearchQuery(project, pattern ?? "", true, MAX_MATCHES),
    enabled: isWanted && Boolean(pattern),
  });
  const metrics = query.data;
  return useMemo(() => {
    if (!pattern || query.isError) return NO_MATCHES;
    return metrics ? metrics.filter(isDrawable).map((metric) => metric.key) : null;
  }, [pattern, metrics, query.isError]);
}

/** Whether a line can be drawn of a metric: some of its values are numbers. */
function isDrawable({ kinds }: { kinds: readonly string[] }): boolean {
  return kinds.some((kind) => kind !== "object");
}

/** The expressions that the server does not take; asked once per text, before the panel's own question. */
function useWrong({ project, panel, settings }: PanelProps, isWanted: boolean) {
  const axis = axisOf(settings) === "expression" ? (settings.axisBy ?? "") : "";
  const axisCheck = useOptionalQuery(isWanted && axis !== "" ? expressionQuery(project, axis, true) : null);
  const texts = panel.expressions.map(({ text }) => text);
  const checks = useQueries({
    queries: texts.map((text) => ({ ...expressionQuery(project, text), enabled: isWanted })),
  });
  const bad = JSON.stringify(
    // its first words: the field in the settings tells the place, and what to type instead
    texts.flatMap((text, i) =>
      checks[i]?.data ? [[text, checks[i].data.reason.split(/; |, at column /)[0]]] : [],
    ),
  );
  const wrong: LineData["wrong"] = useMemo(() => new Map(JSON.parse(bad)), [bad]);
  const all = axis === "" ? checks : [...checks, axisCheck];
  const isChecked = all.every((check) => check !== null && (check.data !== undefined || check.isError));
  return { wrong, wrongAxis: axisCheck?.data?.reason ?? null, isChecked };
}

/** Values of each run that a legend's text names. */
function useRunValues({ project, runs, settings }: PanelProps, isWanted: boolean) {
  const columns = templateColumns(settings.legendText);
  const named = columns.length > 0 ? runs.slice(0, MAX_NAMED) : [];
  const ids = named.map(({ id }) => id);
  const isNamed = isWanted && ids.length > 0;
  const page = useOptionalQuery(isNamed ? rowsOfRunsQuery(project, ids, columns, MAX_NAMED) : null)?.data;
  return useMemo(() => {
    if (!page) return NO_VALUES;
    return new Map(
      page.rows.map((row) => [
        row.id,
        Object.fromEntries(Object.entries(row.values).map(([name, value]) => [name, settingText(value)])),
      ]),
    );
  }, [page]);
}

/** A setting in a name: as short as it can be said, `3e−4`, `0.05`, `64`. */
function settingText(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (typeof value !== "number") return typeof value === "object" ? JSON.stringify(value) : String(value);
  return isSmall(value) ? formatMagnitude(value) : withMinus(String(Number(value.toPrecision(6))));
}

/** Whether the curves are those of the panel's question, and not of the one before. */
export function isAnswered({ query }: Pick<LineData, "query">): boolean {
  return query.data !== undefined && !query.isPlaceholderData;
}
