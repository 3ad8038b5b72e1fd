/** The line panel: asks for its curves while it is in view, and shows them with legend, flags and notes. */

import { lazy, memo, Suspense, useCallback, useContext, useEffect, useMemo, useRef, useState } from "react";
import { type XAxis, xAxisOf } from "@/charts/axis/x-axis";
import type { Curve, LineView } from "@/charts/line/curve";
import { fillNoteOf, isStacked } from "@/charts/line/fill";
import type { LineChart } from "@/charts/line/line";
import { buildChart, isAllPoints, isDensity } from "@/charts/line/line-build";
import { orderNote } from "@/data/metrics/goal";
import { formatCount, formatNoun, formatTick } from "@/data/text/format";
import { type Mark, onlyMetricOf } from "@/data/view/panel";
import { panelNames } from "@/data/view/panel-names";
import { AXIS_TITLES, BAND_TITLES } from "@/data/view/setting-titles";
import { newStyle, type PanelSettings } from "@/data/view/settings";
import { useStable } from "@/ui/hooks/use-stable";
import { attempt } from "@/ui/overlays/toasts";
import { Icon } from "@/ui/signs/icons";
import { PanelFrame, type PanelState, staleOf, stateOf, usePanelBox } from "../frame/panel-frame";
import { useGoal } from "../over-runs/use-goal";
import type { PanelProps } from "../panel-props";
import { noteDrawnAxis } from "../plot/drawn-axis";
import { Legend, LegendColumn, type OnMenu } from "../plot/legend";
import { SharedRangesContext, useSharedRange } from "../plot/shared-ranges";
import { useRunEvents } from "../use-run-events";
import { ownerOfHighlight } from "./curves/curves";
import { noteDrawnCurves, seekStyle } from "./curves/drawn-curves";
import { emptyWords } from "./curves/empty-words";
import { axisOf, groupingOf } from "./curves/line-request";
import { useNotedLongRuns } from "./curves/noted-long-runs";
import { useCurveFigures, useLastValues } from "./curves/use-last-values";
import { type LineData, useLineData } from "./curves/use-line-data";
import { DensityLegend } from "./density-legend";
import { type ExportKind, LineMenu } from "./line-menu";
import { LinePlot } from "./line-plot";
import { lineOptions } from "./options";
import { axisTextOf } from "./settings/axis-words";
import { StragglerFlag, type Stragglers, useStragglers } from "./stragglers";
import { barsNotes, SingleEntry, useSingleValues } from "./use-single-values";
import "./line.css";

const LineFull = lazy(() => import("./line-full").then((file) => ({ default: file.LineFull })));
const LineSide = lazy(() => import("./line-full").then((file) => ({ default: file.LineSide })));
const LineTools = lazy(() => import("./line-tools"));
const LineBars = lazy(() => import("./line-bars").then((file) => ({ default: file.LineBars })));
const LineGroupBars = lazy(() => import("./line-bars").then((file) => ({ default: file.LineGroupBars })));

export const LinePanel = memo(function LinePanel(props: PanelProps) {
  const { panel, settings, zoom, isFull, isEdited, hasLegend = true } = props;
  const own = usePanelBox(props.isFull);
  // panels that share ranges are drawn out of view, too: else the ranges are unknown
  const isSharing = useContext(SharedRangesContext) !== null && (settings.hasSharedX || settings.hasSharedY);
  const box = isSharing ? { ...own, isOn: true } : own;
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
  const view = useMemo(
    (): LineView => ({ ...settings, axis: axisKind, zoom, cutAt, bounds, sharedX, sharedY, marks, events }),
    [settings, axisKind, zoom, cutAt, bounds, sharedX, sharedY, marks, events],
  );
  useNotedAxis(props, data, axis);
  const isWhole = zoom === null && settings.hasLongRuns && settings.xEnds[1] === null;
  useNotedLongRuns(panel.id, isWhole && isAnswered(data) ? (data.query.data?.series ?? null) : null);
  useEffect(() => (isEdited ? noteDrawnCurves(panel.id, curves) : undefined), [isEdited, panel.id, curves]);
  const compared = useStragglers(curves, settings.by !== null);
  const title = panelNames(panel);
  const legend = hasLegend || curves.length > 1 ? settings.legend : "off";
  const onMenu = useCurveMenu(props, curves);
  const [most, setMost] = useState<number | null>(null);
  const [hasFadedBands, setHasFadedBands] = useState(false);
  const isDense = isDensity(curves, view);
  const exportAs = async (kind: ExportKind) => {
    await attempt("Could not export", async () => {
      const { exportLine } = await import("./export-line");
      await exportLine(kind, {
        title: title.whole,
        metric: title.whole === onlyMetricOf(panel) ? null : onlyMetricOf(panel),
        chart: chart.current,
        curves,
        view,
        project: props.project,
        request: data.request,
        besideRequest: data.besideRequest,
      });
    });
  };
  const onExport = isAnswered(data) ? exportAs : null;
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
        (most === null ? (
          <div className="legend" />
        ) : (
          <DensityLegend
            most={most}
            nCurves={curves.length}
            nRuns={props.runs.length}
            nShown={props.nShown ?? props.nMatching ?? props.runs.length}
            width={box.width}
          />
        ))}
      {legend === "above" && !isFull && !isDense && (
        <Legend items={compared.curves} width={box.width} onMenu={onMenu} />
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
            if (!ranges || !zoom) x.tell(ranges?.x ?? null);
            y.tell(ranges?.y ?? null);
            setHasFadedBands(ranges?.hasFadedBands ?? false);
          }}
          onDensity={setMost}
          onMenu={onMenu}
        />
        {legend === "right" && !isFull && !isDense && (
          <LegendColumn items={compared.curves} onMenu={onMenu} />
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
      flags={<Flags of={props} data={data} straggler={compared.straggler} hasFadedBands={hasFadedBands} />}
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
      side={isFull && !hasBars && <Side of={props} data={data} view={view} onPlaceMark={setPlacing} />}
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

/** Opens and closes the menu of what lights curves; undefined where the page has none for these. */
function useCurveMenu(props: PanelProps, curves: readonly Curve[]): OnMenu | undefined {
  const { panel, settings, groupBy, onMenu, onChange, onEdit } = props;
  const { styles } = settings;
  const by = groupingOf(settings, groupBy);
  // groups of the panel's own are not those of the list
  const isOfList = by === null || by.join("\n") === groupBy.join("\n");
  // until the answer comes, curves are those of the grouping before
  const kindOf = useStable((owner: string) =>
    curves.some(({ highlightId, columns }) => columns.group && ownerOfHighlight(highlightId) === owner)
      ? "group"
      : "run",
  );
  return useMemo(() => {
    if (!onMenu || !isOfList) return undefined;
    return (menu) => {
      if (!menu) return onMenu(null);
      const { left, top } = menu;
      const owner = ownerOfHighlight(menu.highlightId);
      const onStyle = () => {
        const of = kindOf(owner);
        const isNew = !styles.some((style) => style.of === of && style.id === owner);
        const settings = { ...panel.settings, styles: [...styles, newStyle(of, owner)] };
        if (isNew) onChange(panel.id, { settings });
        seekStyle(of, owner);
        onEdit(panel.id);
      };
      onMenu({ owner, left, top, onStyle });
    };
  }, [onMenu, isOfList, kindOf, panel, styles, onChange, onEdit]);
}

/** The side column builds the chart once more: what the chart itself has drawn is not React's. */
function Side(props: {
  of: PanelProps;
  data: LineData;
  view: LineView;
  onPlaceMark(kind: Mark["kind"]): void;
}) {
  const { of, data, view, onPlaceMark: onPlace } = props;
  const { curves } = data;
  const built = useMemo(() => buildChart(curves, view), [curves, view]);
  const lasts = useLastValues(of.project, data, isAnswered(data));
  const figures = useCurveFigures(of.project, data, view, isAnswered(data));
  return (
    <Suspense>
      <LineSide of={of} built={built} lasts={lasts} figures={figures} onPlaceMark={onPlace} />
    </Suspense>
  );
}

/** Notes of the panel itself on how it draws; those that all panels share are in the toolbar. */
function notesOf(
  { panel, settings, groupBy }: PanelProps,
  curves: readonly Curve[],
  bounds: LineData["bounds"],
  axis: XAxis,
): string[] {
  const own = panel.settings;
  const notes: string[] = [];
  if (groupingOf(settings, groupBy)) {
    if (own.center || own.band || own.groupBy) notes.push(settings.center);
    if (settings.band === "auto") notes.push(isAllPoints(curves, settings) ? "" : "± standard error");
    else if (own.band && own.band !== "none") notes.push(BAND_TITLES[own.band]);
  }
  const fillNote = fillNoteOf(settings.fill);
  if (fillNote) notes.push(fillNote);
  if (settings.by) notes.push(`by ${settings.by}`);
  if (settings.yScale !== "linear") notes.push(settings.yScale);
  if (settings.xScale !== "linear") notes.push(`${settings.xScale} x`);
  if (settings.axis === "defined") notes.push(definedWords(axis));
  else if (own.axis) notes.push(AXIS_TITLES[settings.axis].note || `by ${axisTextOf(settings)}`);
  const [lo, hi] = [settings.yEnds[0] ?? bounds?.[0] ?? null, settings.yEnds[1] ?? bounds?.[1] ?? null];
  if (lo !== null && hi !== null) notes.push(`y ${formatTick(round(lo))} to ${formatTick(round(hi))}`);
  else if (lo !== null) notes.push(`y from ${formatTick(round(lo))}`);
  else if (hi !== null) notes.push(`y to ${formatTick(round(hi))}`);
  return notes;
}

/** The x axis of `define_metric`, where there is one. */
function definedWords({ kind, metric }: XAxis): string {
  if (kind === "step") return "";
  return metric ? `by ${metric}` : "x as defined";
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
  const isTold = settings.axis === "defined" && isKnown && (isWhole || axis.metric !== "");
  useEffect(() => {
    if (isTold) noteDrawnAxis(project, panel.id, axis.key, isWhole);
  }, [isTold, project, panel.id, axis.key, isWhole]);
}

/** Ends that are set are the panel's own. */
function isSharedX({ hasSharedX, xEnds }: PanelSettings): boolean {
  return hasSharedX && xEnds.every((end) => end === null);
}

/** Parts of a sum end at 0 and 100 anyhow. */
function isSharedY({ hasSharedY, yEnds, fill }: PanelSettings): boolean {
  return hasSharedY && fill !== "percent" && yEnds.every((end) => end === null);
}

/** Whether the curves are those of the panel's question, and not of the one before. */
function isAnswered({ query }: Pick<LineData, "query">): boolean {
  return query.data !== undefined && !query.isPlaceholderData;
}

function round(value: number): number {
  return Number(value.toPrecision(3));
}

function stateOfLine(props: PanelProps, data: LineData): PanelState {
  const { panel, runs } = props;
  const { request, curves, query } = data;
  const nothing = request.keys.length === 0 && (request.expressions?.length ?? 0) === 0;
  if (runs.length === 0) return { is: "empty", say: "No run is shown." };
  if (data.wrongAxis !== null)
    return {
      is: "empty",
      say: `This expression cannot be the x axis: ${data.wrongAxis}`,
      action: <UseStep of={props} />,
    };
  // what has come may be the answer to an earlier text
  if (nothing && panel.expressions.length > 0 && data.wrong.size > 0)
    return { is: "empty", say: "Its expression cannot be read.", action: <Settings of={props} /> };
  if (nothing && query.data === undefined) {
    const isWaiting = panel.pattern !== null && !query.isFetched && panel.keys.length === 0;
    if (!isWaiting && panel.expressions.length === 0)
      return { is: "empty", say: "No metric is drawn.", action: <Settings of={props} /> };
  }
  const isEmpty = curves.length === 0 && isAnswered(data);
  return isEmpty ? emptyState(props, data) : stateOf(query, null);
}

/** Without a curve: why, and what helps. */
function emptyState(props: PanelProps, { missing }: LineData): PanelState {
  const { panel, settings, runs, zoom, onZoom } = props;
  if (zoom)
    return {
      is: "empty",
      say: "No point in this range.",
      action: <Help says="Show the whole range" onHelp={() => onZoom(panel.id, null)} />,
    };
  const name = panelNames(panel).whole;
  const isComputed = panel.expressions.length > 0 || settings.axis === "expression";
  const { say, isForX } = emptyWords({ missing, runs, name, isComputed });
  // where its own metric is missing, steps would show nothing either
  const lacksOwn = missing.every(({ key, reason }) => reason.startsWith(`the run has no metric '${key}'`));
  const isForAxis = settings.axis === "expression" && !lacksOwn;
  return {
    is: "empty",
    say,
    action: (isForX || isForAxis) && <UseStep of={props} />,
  };
}

function Help({ says, onHelp }: { says: string; onHelp(): void }) {
  return (
    <button type="button" className="btn sm" onClick={onHelp}>
      {says}
    </button>
  );
}

function UseStep({ of: { panel, onChange } }: { of: PanelProps }) {
  const byStep = { settings: { ...panel.settings, axis: "step", axisBy: null } } as const;
  return <Help says="Use step" onHelp={() => onChange(panel.id, byStep)} />;
}

function Settings({ of: { panel, onEdit } }: { of: PanelProps }) {
  return <Help says="Open its settings" onHelp={() => onEdit(panel.id)} />;
}

interface FlagsProps {
  readonly of: PanelProps;
  readonly data: LineData;
  readonly straggler: Stragglers["straggler"];
  readonly hasFadedBands: boolean;
}

function Flags({ of, data, straggler, hasFadedBands }: FlagsProps) {
  const { panel, zoom, onZoom, onFull, onChange } = of;
  return (
    <>
      {straggler && <StragglerFlag {...straggler} onClick={() => onFull(panel.id)} />}
      <NonfiniteFlag curves={data.curves} />
      {data.cut && (
        <button
          type="button"
          className="flag neu"
          onClick={() => onZoom(panel.id, data.cut?.whole ?? null)}
          title="The x axis ends where most curves have ended. Click to see all"
        >
          {formatCount(data.cut.longer.size)} of {formatNoun(data.cut.nCurves, "curve")} cut off
        </button>
      )}
      {hasFadedBands && (
        <button
          type="button"
          className="flag neu"
          onClick={() => onChange(panel.id, { settings: { ...panel.settings, band: "minmax" } })}
          title="They overlap too much to be drawn, and the y axis fits the curves. Click to draw them"
        >
          bands hidden
        </button>
      )}
      {data.wrong.size > 0 && (
        <span className="flag wrn" title={[...data.wrong].join("\n")}>
          {formatNoun(data.wrong.size, "expression")} left out
        </span>
      )}
      {zoom && (
        <button
          type="button"
          className="flag neu"
          onClick={() => onZoom(panel.id, null)}
          title="Or double-click the chart"
        >
          zoomed <Icon name="x" isSmall />
        </button>
      )}
    </>
  );
}

function NonfiniteFlag({ curves }: { curves: readonly Curve[] }) {
  const nonfinite = curves.filter((curve) => curve.columns.nonfinite.length > 0);
  if (nonfinite.length === 0) return null;
  const hasNan = nonfinite.some((curve) => curve.columns.nan.some((n) => n > 0));
  const names = nonfinite.slice(0, 12).map((curve) => curve.name);
  return (
    <span
      className="flag dan"
      title={`Non-finite values in ${formatNoun(nonfinite.length, "curve")}:\n${names.join("\n")}`}
    >
      {hasNan ? "NaN" : "Inf"}
    </span>
  );
}
