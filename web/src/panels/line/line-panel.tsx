/** The line panel: asks for its curves while it is in view, and shows them with legend, flags and notes. */

import {
  lazy,
  memo,
  type RefObject,
  Suspense,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import { type XAxis, xAxisOf } from "@/charts/axis/x-axis";
import type { LineView } from "@/charts/line/curve";
import { isStacked } from "@/charts/line/fill";
import type { LineChart } from "@/charts/line/line";
import { isDensity } from "@/charts/line/line-build";
import { orderNote } from "@/data/metrics/goal";
import { type Mark, onlyMetricOf } from "@/data/view/panel";
import { panelNames } from "@/data/view/panel-names";
import type { PanelSettings } from "@/data/view/settings";
import { attempt } from "@/ui/overlays/toasts";
import { PanelFrame, staleOf, usePanelBox } from "../frame/panel-frame";
import { useGoal } from "../over-runs/use-goal";
import type { PanelProps } from "../panel-props";
import { noteDrawnAxis } from "../plot/drawn-axis";
import { Legend, LegendColumn } from "../plot/legend";
import { SharedRangesContext, useSharedRange } from "../plot/shared-ranges";
import { useRunEvents } from "../use-run-events";
import { noteDrawnCurves } from "./curves/drawn-curves";
import { axisOf } from "./curves/line-request";
import { useNotedLongRuns } from "./curves/noted-long-runs";
import { isAnswered, type LineData, useLineData } from "./curves/use-line-data";
import { LineFlags } from "./frame/line-flags";
import { notesOf } from "./frame/line-notes";
import { stateOfLine } from "./frame/line-state";
import { type ExportKind, LineMenu } from "./line-menu";
import { LinePlot } from "./line-plot";
import { lineOptions } from "./options";
import { useStragglers } from "./stragglers";
import { useCurveMenu } from "./use-curve-menu";
import { barsNotes, SingleEntry, useSingleValues } from "./use-single-values";
import "./line.css";

const DensityLegend = lazy(() => import("./density-legend"));
const LineFull = lazy(() => import("./line-full").then((file) => ({ default: file.LineFull })));
const LineSide = lazy(() => import("./line-full").then((file) => ({ default: file.LineSide })));
const LineTools = lazy(() => import("./line-tools"));
const LineBars = lazy(() => import("./line-bars").then((file) => ({ default: file.LineBars })));
const LineGroupBars = lazy(() => import("./line-bars").then((file) => ({ default: file.LineGroupBars })));

export const LinePanel = memo(function LinePanel(props: PanelProps) {
  const { panel, settings, zoom, isFull, isEdited, hasLegend = true } = props;
  const ownBox = usePanelBox(props.isFull);
  // panels that share ranges are drawn out of view, too: else the ranges are unknown
  const isSharing = useContext(SharedRangesContext) !== null && (settings.hasSharedX || settings.hasSharedY);
  const box = isSharing ? { ...ownBox, isOn: true } : ownBox;
  const data = useLineData(props, zoom, box.isOn, box.width);
  const { curves } = data;
  // stacked curves do not lie where the server looked for outliers
  const bounds = isStacked(settings.fill) ? null : data.bounds;
  const cutAt = data.cut?.end ?? null;
  const [placing, setPlacing] = useState<Mark["kind"] | null>(null);
  const chart = useRef<LineChart | null>(null);
  const onChart = useCallback((instance: LineChart | null) => {
    chart.current = instance;
  }, []);
  const axisKind = axisOf(settings);
  const events = useRunEvents(props.project, props.runIds, box.isOn);
  const axis = useMemo(() => xAxisOf(axisKind, axisMetricsOf(data)), [axisKind, data]);
  const x = useSharedRange(panel.id, isSharedX(settings) ? `x ${axis.key} ${settings.xScale}` : null);
  const y = useSharedRange(panel.id, isSharedY(settings) ? `y ${settings.yScale}` : null);
  const [sharedX, sharedY] = [x.whole, y.whole];
  const { marks } = panel;
  const view = useMemo((): LineView => {
    const shown = { zoom, cutAt, bounds, sharedX, sharedY, hasClips: true, marks, events };
    return { ...settings, axis: axisKind, ...shown };
  }, [settings, axisKind, zoom, cutAt, bounds, sharedX, sharedY, marks, events]);
  useNotedAxis(props, data, axis);
  const isWhole = zoom === null && settings.hasLongRuns && settings.xEnds[1] === null;
  useNotedLongRuns(panel.id, isWhole && isAnswered(data) ? (data.query.data?.series ?? null) : null);
  useEffect(() => (isEdited ? noteDrawnCurves(panel.id, curves) : undefined), [isEdited, panel.id, curves]);
  const stragglers = useStragglers(curves, settings.by !== null);
  const title = panelNames(panel);
  const legend = hasLegend || curves.length > 1 ? settings.legend : "off";
  const onMenu = useCurveMenu(props, curves);
  const [densestCount, setDensestCount] = useState<number | null>(null);
  const [hasFadedBands, setHasFadedBands] = useState(false);
  const isDense = isDensity(curves, view);
  const onExport = useExport(props, data, view, chart);
  const { values, isSpread } = useSingleValues(props, curves);
  const isSingle = values !== null || isSpread;
  const hasBars = isSingle && lineOptions(panel).single === "bars";
  const goal = useGoal(props.project, panel.keys[0] ?? "", hasBars);
  const content = hasBars ? (
    <Suspense>
      {values ? (
        <LineBars of={props} title={title.whole} values={values} />
      ) : (
        <LineGroupBars of={props} title={title.whole} />
      )}
    </Suspense>
  ) : (
    <>
      {isDense &&
        (densestCount === null ? (
          <div className="legend" />
        ) : (
          <Suspense fallback={<div className="legend" />}>
            <DensityLegend
              most={densestCount}
              nCurves={curves.length}
              nRuns={props.runs.length}
              nShown={props.nShown ?? props.nMatching ?? props.runs.length}
              width={box.width}
            />
          </Suspense>
        ))}
      {legend === "above" && !isFull && !isDense && (
        <Legend items={stragglers.curves} width={box.width} onMenu={onMenu} />
      )}
      <div className="beside">
        <LinePlot
          of={props}
          title={title.whole}
          curves={curves}
          view={view}
          axis={axis}
          placing={placing}
          onPlacing={setPlacing}
          onChart={onChart}
          onOwnRanges={(ranges) => {
            // zoomed, it has only a part of its data
            if (!ranges || !zoom) x.report(ranges?.x ?? null);
            y.report(ranges?.y ?? null);
            setHasFadedBands(ranges?.hasFadedBands ?? false);
          }}
          onDensity={setDensestCount}
          onMenu={onMenu}
        />
        {legend === "right" && !isFull && !isDense && (
          <LegendColumn items={stragglers.curves} onMenu={onMenu} />
        )}
      </div>
    </>
  );
  return (
    <PanelFrame
      of={props}
      box={box}
      metric={panel.keys[0]}
      hasExport={!hasBars}
      notes={
        hasBars
          ? barsNotes(values?.length ?? curves.length, curves.length, orderNote(panel.keys[0] ?? "", goal))
          : notesOf(props, curves, bounds, axis)
      }
      flags={
        <LineFlags of={props} data={data} straggler={stragglers.straggler} hasFadedBands={hasFadedBands} />
      }
      state={stateOfLine(props, data)}
      stale={staleOf(data.query)}
      menu={
        <>
          {isSingle && <SingleEntry of={props} />}
          {!hasBars && <LineMenu of={props} onExport={onExport} onPlaceMark={setPlacing} />}
        </>
      }
      tools={
        isFull &&
        !hasBars && (
          <Suspense>
            <LineTools of={props} onExport={onExport} />
          </Suspense>
        )
      }
      side={
        isFull &&
        !hasBars && (
          <Suspense>
            <LineSide of={props} data={data} view={view} onPlaceMark={setPlacing} />
          </Suspense>
        )
      }
    >
      {isFull && !hasBars ? (
        <Suspense>
          <LineFull of={props} data={data} view={view} width={box.width}>
            {content}
          </LineFull>
        </Suspense>
      ) : (
        content
      )}
    </PanelFrame>
  );
});

/** Exports the chart or its data; null until the answer to the panel's question has come. */
function useExport(
  { panel, project }: PanelProps,
  data: LineData,
  view: LineView,
  chart: RefObject<LineChart | null>,
): ((kind: ExportKind) => Promise<void>) | null {
  const title = panelNames(panel).whole;
  const exportAs = (kind: ExportKind) =>
    attempt("Could not export", async () => {
      const { exportLine } = await import("./export-line");
      await exportLine(kind, {
        title,
        metric: title === onlyMetricOf(panel) ? null : onlyMetricOf(panel),
        chart: chart.current,
        curves: data.curves,
        view,
        project,
        request: data.request,
        besideRequest: data.besideRequest,
      });
    });
  return isAnswered(data) ? exportAs : null;
}

/** The metrics that x is the value of (empty: steps), of the curves, or else of those that have no points. */
function axisMetricsOf({ curves, missing }: LineData): string[] {
  if (curves.length > 0) return curves.map(({ columns }) => columns.axisMetric);
  return missing.flatMap(({ axisMetric }) => axisMetric || []);
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
