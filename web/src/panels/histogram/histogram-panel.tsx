/**
 * Histograms over steps: a heat map or ridges, and the one step under its cursor over the outline of the first.
 */

import { useQuery } from "@tanstack/react-query";
import { memo, useMemo, useState } from "react";
import { type HistogramSeries, histogramsQuery } from "@/api/metrics/histograms";
import type { ObjectAxis } from "@/api/metrics/object-axis";
import { isRelative } from "@/charts/axis/x-axis";
import type { HeatMapContent } from "@/charts/heatmap/column-cursor";
import { HeatMapChart } from "@/charts/heatmap/heatmap";
import {
  columnAt,
  columnRanges,
  type HistogramAt,
  type HistogramBucket,
  layOutHeatMap,
} from "@/charts/heatmap/heatmap-layout";
import { HistogramBars, type HistogramBarsContent } from "@/charts/heatmap/histogram-bars";
import { HistogramOutlines } from "@/charts/heatmap/histogram-outlines";
import { layOutOutlines, outlineXs } from "@/charts/heatmap/outlines-layout";
import { RidgelineChart } from "@/charts/heatmap/ridgeline";
import { placeOfStep } from "@/data/media/steps";
import { noneHas } from "@/data/text/counted";
import { formatCount, formatNoun, formatTick, formatTimeTick } from "@/data/text/format";
import { Button } from "@/ui/controls/button";
import { Select } from "@/ui/controls/select";
import { useStable } from "@/ui/hooks/use-stable";
import { MidName } from "@/ui/text/mid-name";
import { PanelFrame, type PanelState, staleOf, stateOf, usePanelBox } from "../frame/panel-frame";
import { StepBar } from "../media/step-bar";
import { CanvasPlot } from "../over-runs/canvas-plot";
import { objectAxis, objectAxisNote } from "../over-runs/object-axis";
import type { PanelProps, PanelRun } from "../panel-props";
import { Legend } from "../plot/legend";
import { HISTOGRAM_OPTIONS, histogramOptions } from "./options";
import { RunChoice } from "./run-choice";
import "../media/media.css";
import "./histogram.css";

/** Columns for each px are no help; few enough that each can be pointed at. */
const PX_PER_COLUMN = 4;
const LEAST_COLUMNS = 50;
const MOST_COLUMNS = 400;
/** Heat maps of more runs than this are not asked for at once. */
const MOST_RUNS = 20;
/** Narrower panels have no room for both charts next to each other. */
const BESIDE_PX = 620;

export const HistogramPanel = memo(function HistogramPanel(props: PanelProps) {
  const { panel, project, runs, settings, onChange } = props;
  const box = usePanelBox(props.isFull);
  const { isOn } = box;
  const options = useMemo(() => histogramOptions(panel), [panel]);
  const metric = panel.keys[0] ?? "";
  const axis = useMemo(() => objectAxis(settings), [settings]);
  const nColumns = columnsFor(box.width);
  const ids = useMemo(() => idsToAsk(runs, options.run), [runs, options.run]);
  const query = useQuery({
    ...histogramsQuery(project, ids, metric, axis, nColumns),
    enabled: isOn && metric !== "" && ids.length > 0 && box.width > 0,
  });
  const having = useMemo(() => {
    const withColumns = new Set(
      (query.data ?? []).filter((series) => series.columns.length > 0).map((series) => series.run),
    );
    return runs.filter((run) => withColumns.has(run.id));
  }, [query.data, runs]);
  const lacking = useMemo(() => {
    const none = new Set(query.isPlaceholderData || !query.data ? [] : ids);
    for (const { id } of having) none.delete(id);
    return none;
  }, [query.data, query.isPlaceholderData, ids, having]);
  const withoutAny = runs.find(({ id }) => id === options.run && lacking.has(id)) ?? null;
  const run = having.find(({ id }) => id === options.run) ?? having[0] ?? null;
  const series = query.data?.find((candidate) => candidate.run === run?.id) ?? null;
  const map = useMemo(
    () => (series ? layOutHeatMap(bucketsOf(series, isRelative(axis.axis)), options.nBins) : null),
    [series, axis, options.nBins],
  );
  // an x and no index, as another answer has other columns; null: the last one, also when there come more
  const [picked, setPicked] = useState<{ readonly axis: ObjectAxis; readonly x: number } | null>(null);
  const last = (map?.columns.length ?? 0) - 1;
  const isPicked = map && picked && hasSameX(picked.axis, axis);
  const at = isPicked ? columnAt(map, picked.x) : last;
  const onPick = useStable((x: number) => setPicked({ axis, x }));
  const heat = useMemo<HeatMapContent | null>(
    () =>
      map && {
        map,
        at,
        ...(isRelative(axis.axis) ? TIME : series?.axis_metric ? by(series.axis_metric) : STEP),
      },
    [map, at, axis, series],
  );
  const bars = useMemo<HistogramBarsContent | null>(() => {
    const column = map?.columns[at];
    if (!map || !column || !run) return null;
    const first = map.columns[0]!;
    return {
      lo: map.lo,
      hi: map.hi,
      cells: column.cells,
      before: at > 0 ? first.cells : null,
      color: run.color,
    };
  }, [map, at, run]);
  const isAllRuns = options.look === "runs";
  const ofRuns = useMemo(
    () =>
      isAllRuns
        ? having.map(({ id, color }) => {
            const own = query.data?.find((candidate) => candidate.run === id);
            return { color, buckets: own ? bucketsOf(own, isRelative(axis.axis)) : [] };
          })
        : [],
    [isAllRuns, having, query.data, axis],
  );
  const xs = useMemo(() => outlineXs(ofRuns), [ofRuns]);
  const isPickedHere = picked && hasSameX(picked.axis, axis);
  const xIndex = placeOfStep(xs, isPickedHere ? picked.x : null);
  const outlines = useMemo(
    () => (isAllRuns ? layOutOutlines(ofRuns, xs[xIndex] ?? 0, options.nBins) : null),
    [isAllRuns, ofRuns, xs, xIndex, options.nBins],
  );
  const isRidges = options.look === "ridges";
  const hasBoth = props.isFull || box.width >= BESIDE_PX;
  const source = map?.columns[at]?.source;
  return (
    <PanelFrame
      of={props}
      box={box}
      metric={metric}
      notes={[objectAxisNote(settings), source && !isAllRuns ? factsOf(source) : ""]}
      flags={
        source &&
        source.nNonfinite > 0 && <span className="flag dan">{formatCount(source.nNonfinite)} NaN or Inf</span>
      }
      state={stateFor()}
      stale={staleOf(query)}
    >
      {run && heat && bars && (
        <>
          <div className="hist-run">
            {!isAllRuns && <span className="sw-dot" style={{ background: `var(--w-run-${run.color})` }} />}
            {isAllRuns ? (
              <span>
                {formatCount(outlines?.outlines.length ?? 0)} of {formatNoun(runs.length, "run")}
              </span>
            ) : runs.length > 1 ? (
              <RunChoice
                runs={runs}
                run={run}
                lacking={lacking}
                onChoose={(id) => onChange(panel.id, { options: { ...panel.options, run: id } })}
              />
            ) : (
              <MidName name={run.name} />
            )}
            {withoutAny && !isAllRuns && <span className="flag wrn">{withoutAny.name} has none</span>}
            <Select
              label="Drawn as"
              value={options.look}
              isSmall
              isQuiet
              options={HISTOGRAM_OPTIONS.look.choices}
              onChange={(look) => onChange(panel.id, { options: { ...panel.options, look } })}
            />
            {hasBoth && !isAllRuns && (
              <span className="hist-key">
                <span className="swatch" style={{ borderColor: `var(--w-run-${run.color})` }} />
                {heat.xLabel(heat.map.columns[at]!.source.x)}
                {bars.before && (
                  <>
                    <span className="swatch dashed" style={{ borderColor: "var(--w-text-2)" }} />
                    {heat.xLabel(heat.map.columns[0]!.source.x)}
                  </>
                )}
              </span>
            )}
          </div>
          {isAllRuns && outlines ? (
            <>
              <Legend items={having} width={box.width} />
              <CanvasPlot
                label={`${metric} of ${formatNoun(outlines.outlines.length, "run")}`}
                content={outlines}
                make={(element) => new HistogramOutlines(element)}
              />
              <StepBar
                steps={xs}
                total={xs.length}
                at={xIndex}
                isLate={query.isPlaceholderData}
                text={heat.xLabel(xs[xIndex] ?? 0)}
                onPlace={(next) => {
                  const x = xs[next];
                  // the last one stays the last when more come
                  setPicked(x === undefined || next >= xs.length - 1 ? null : { axis, x });
                }}
              />
            </>
          ) : (
            <div className={`hist ${props.isFull ? "whole" : ""}`}>
              <CanvasPlot
                key={options.look}
                label={`${metric} of ${run.name}: ${formatNoun(heat.map.columns.length, "histogram")}`}
                keys={isRidges ? "Up and down choose a histogram" : "Left and right move the cursor"}
                content={heat}
                make={(element) =>
                  isRidges ? new RidgelineChart(element, onPick) : new HeatMapChart(element, onPick)
                }
              />
              {hasBoth && (
                <CanvasPlot
                  label={`${metric} at ${heat.xLabel(map!.columns[at]!.source.x)}`}
                  content={bars}
                  make={(element) => new HistogramBars(element)}
                />
              )}
            </div>
          )}
        </>
      )}
    </PanelFrame>
  );

  function stateFor(): PanelState {
    if (metric === "") return { is: "empty", say: "Choose a metric with histograms in the settings." };
    if (runs.length === 0) return { is: "empty", say: "No run is shown." };
    if (query.data && !query.isPlaceholderData && !map && axis.axis === "metric")
      return {
        is: "empty",
        say: `${noneHas(ids.length, "run")} histograms of ${metric} over ${axis.axis_metric}.`,
        action: (
          <Button
            isSmall
            onClick={() =>
              onChange(panel.id, { settings: { ...panel.settings, axis: "step", axisBy: null } })
            }
          >
            Use step
          </Button>
        ),
      };
    const empty = (
      <>
        {noneHas(ids.length, "run", ids.length < runs.length ? "first" : "all")} histograms of {metric}. An
        array of more than a few numbers given to <span className="mono">run.log()</span> becomes one.
      </>
    );
    return stateOf(query, map ? null : empty);
  }
});

const STEP = { xLabel: (x: number) => `Step ${formatCount(x)}`, xTick: formatTick };
const by = (metric: string) => ({ xLabel: (x: number) => `${metric} ${formatTick(x)}`, xTick: formatTick });
const TIME = { xLabel: (x: number) => formatTimeTick(Number(x.toPrecision(4))), xTick: formatTimeTick };

function hasSameX(a: ObjectAxis, b: ObjectAxis): boolean {
  return a.axis === b.axis && a.axis_metric === b.axis_metric;
}

function columnsFor(width: number): number {
  const fitting = Math.ceil(width / PX_PER_COLUMN / LEAST_COLUMNS) * LEAST_COLUMNS;
  return Math.max(LEAST_COLUMNS, Math.min(MOST_COLUMNS, fitting));
}

function idsToAsk(runs: readonly PanelRun[], chosen: string | null): string[] {
  const ids = runs.map((run) => run.id).slice(0, MOST_RUNS);
  return chosen !== null && runs.some((run) => run.id === chosen) ? [...new Set([chosen, ...ids])] : ids;
}

function bucketsOf(series: HistogramSeries, isTime: boolean): HistogramBucket[] {
  const unit = isTime ? 1e6 : 1;
  const xs = series.columns.map((column) => column.x / unit);
  const ranges = columnRanges(xs);
  return series.columns.map((column, i) => ({
    x: xs[i]!,
    from: ranges[i]![0],
    to: ranges[i]![1],
    edges: column.edges,
    counts: column.counts,
    nNonfinite: column.nan + column.pos_inf + column.neg_inf,
  }));
}

/** Of one histogram: how many values, and about their mean, taking each for the middle of its bin. */
function factsOf({ edges, counts }: HistogramAt): string {
  const n = counts.reduce((sum, count) => sum + count, 0);
  if (n === 0) return "";
  const mean = counts.reduce((sum, count, i) => sum + (count * (edges[i]! + edges[i + 1]!)) / 2, 0) / n;
  return `${formatNoun(n, "value")}, mean ${formatTick(Number(mean.toPrecision(2)))}`;
}
