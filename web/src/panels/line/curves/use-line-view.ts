/** The state of a line chart besides its curves: axis, ranges, marks and events. */

import { useEffect, useMemo } from "react";
import { type XAxis, xAxisOf } from "@/charts/axis/x-axis";
import type { LineView } from "@/charts/line/curve";
import { isStacked } from "@/charts/line/fill";
import type { BuiltChart } from "@/charts/line/line-build";
import type { PanelSettings } from "@/data/view/settings";
import type { PanelProps } from "../../panel-props";
import { noteDrawnAxis } from "../../plot/drawn-axis";
import { useSharedRange } from "../../plot/shared-ranges";
import { useRunEvents } from "../../use-run-events";
import { axisOf } from "./line-request";
import { useNotedLongRuns } from "./noted-long-runs";
import { isAnswered, type LineData } from "./use-line-data";

export interface LineViewState {
  readonly view: LineView;
  readonly axis: XAxis;
  /** Tell the panels that share ranges which ones the chart has by itself. */
  reportRanges(own: BuiltChart["own"]): void;
}

/** @param isInView whether the panel is drawn: events of runs are asked for then */
export function useLineView(props: PanelProps, data: LineData, isInView: boolean): LineViewState {
  const { panel, settings, zoom } = props;
  const axisKind = axisOf(settings);
  const axis = useMemo(() => xAxisOf(axisKind, axisMetricOf(data)), [axisKind, data]);
  const events = useRunEvents(props.project, props.runIds, isInView);
  const x = useSharedRange(panel.id, isSharedX(settings) ? `x ${axis.key} ${settings.xScale}` : null);
  const y = useSharedRange(panel.id, isSharedY(settings) ? `y ${settings.yScale}` : null);
  const [sharedX, sharedY] = [x.whole, y.whole];
  // stacked curves do not lie where the server looked for outliers
  const bounds = isStacked(settings.fill) ? null : data.bounds;
  const cutAt = data.cut?.end ?? null;
  const { marks } = panel;
  const view = useMemo((): LineView => {
    const shown = { zoom, cutAt, bounds, sharedX, sharedY, hasClips: true, marks, events };
    return { ...settings, axis: axisKind, ...shown };
  }, [settings, axisKind, zoom, cutAt, bounds, sharedX, sharedY, marks, events]);
  useNotedAxis(props, data, axis);
  const isWhole = zoom === null && settings.hasLongRuns && settings.xEnds[1] === null;
  useNotedLongRuns(panel.id, isWhole && isAnswered(data) ? data.curves : null);
  const reportRanges = (own: BuiltChart["own"]) => {
    // zoomed, it has only a part of its data
    if (!own || !zoom) x.report(own?.x ?? null);
    y.report(own?.y ?? null);
  };
  return { view, axis, reportRanges };
}

/** The metric that x is the value of (empty: steps), of the curves, or else of those that have no points. */
function axisMetricOf({ curves, missing }: LineData): string {
  const [first] = curves;
  if (first) return first.columns.axisMetric;
  return missing.find(({ axisMetric }) => axisMetric !== "")?.axisMetric ?? "";
}

/** Tells the page which axis the panel has drawn. */
function useNotedAxis(
  { project, panel, settings, zoom }: PanelProps,
  { query }: LineData,
  axis: XAxis,
): void {
  const isKnown = isAnswered({ query });
  const isWhole = zoom === null;
  const isReportable = settings.axis === "defined" && isKnown && (isWhole || axis.metric !== "");
  useEffect(() => {
    if (isReportable) noteDrawnAxis(project, panel.id, axis.key, isWhole);
  }, [isReportable, project, panel.id, axis.key, isWhole]);
}

/** Ends that are set are the panel's own. */
function isSharedX({ hasSharedX, xEnds }: PanelSettings): boolean {
  return hasSharedX && xEnds.every((end) => end === null);
}

/** Parts of a sum end at 0 and 100 anyhow. */
function isSharedY({ hasSharedY, yEnds, fill }: PanelSettings): boolean {
  return hasSharedY && fill !== "percent" && yEnds.every((end) => end === null);
}
