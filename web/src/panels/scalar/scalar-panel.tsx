/** The scalar card: one number over all shown runs, whose it is, when it was, and how it came about. */

import { useQuery } from "@tanstack/react-query";
import { memo, useMemo } from "react";
import { extremeStepQuery } from "@/api/metrics/extreme-step";
import { figuresQuery } from "@/api/metrics/metric-figures";
import { seriesQuery } from "@/api/metrics/series";
import { AreaSpark, type AreaSparkContent } from "@/charts/area-spark";
import type { SeriesColumns } from "@/data/curves/columns";
import type { Goal } from "@/data/table/column-facts";
import { noneHas } from "@/data/text/counted";
import { formatCount, formatNoun, formatValue } from "@/data/text/format";
import { panelNames } from "@/data/view/panel-names";
import { MidName } from "@/ui/text/mid-name";
import { PanelFrame, type PanelState, staleOf, stateOf, usePanelBox } from "../frame/panel-frame";
import { CanvasPlot } from "../over-runs/canvas-plot";
import { useGoal } from "../over-runs/use-goal";
import type { PanelProps } from "../panel-props";
import { highlightOnHover } from "../plot/highlight";
import { type ScalarChoice, scalarChoice, scalarOptions } from "./options";
import "./scalar.css";

const SPARK_BUCKETS = 100;

export const ScalarPanel = memo(function ScalarPanel(props: PanelProps) {
  const { panel, project, runs, runIds, baseline } = props;
  const box = usePanelBox(props.isFull);
  const { isOn } = box;
  const options = useMemo(() => scalarOptions(panel), [panel]);
  const metric = panel.keys[0] ?? "";
  const goal = useGoal(project, metric, isOn);
  const choice = scalarChoice(metric, options, goal);
  const figures = useQuery({
    ...figuresQuery(project, runIds, metric, choice.figure),
    enabled: isOn && metric !== "" && runIds.length > 0,
  });
  const valuesByRun = figures.data;
  const best = useMemo(() => {
    const valued = runs.flatMap((run) => {
      const value = valuesByRun?.get(run.id);
      return value === undefined ? [] : [{ run, value }];
    });
    const sign = choice.pick === "highest" ? 1 : -1;
    return valued.reduce<(typeof valued)[number] | null>(
      (a, b) => (a === null || sign * b.value > sign * a.value ? b : a),
      null,
    );
  }, [runs, valuesByRun, choice.pick]);
  const base = baseline && baseline.id !== best?.run.id ? valuesByRun?.get(baseline.id) : undefined;
  const title = panel.title ?? `${choice.word} ${panelNames(panel).short}`;
  return (
    <PanelFrame
      of={props}
      box={box}
      title={title}
      metric={metric}
      notes={choice.figure === "latest" || choice.figure === "mean" ? [choice.figure] : []}
      state={stateFor()}
      stale={staleOf(figures)}
    >
      {best && (
        <div className="scalar">
          <div className="big">{formatValue(best.value)}</div>
          <div className="by" {...highlightOnHover(best.run.id)}>
            <span className="sw-dot" style={{ background: `var(--w-run-${best.run.color})` }} />
            <MidName name={best.run.name} />
          </div>
          <dl>
            {base !== undefined && (
              <>
                <dt>vs baseline</dt>
                <dd className={deltaLook(best.value - base, goal)}>{signed(best.value - base)}</dd>
              </>
            )}
            {(choice.figure === "min" || choice.figure === "max") && (
              <>
                <dt>at step</dt>
                <dd>
                  <StepOf
                    of={props}
                    run={best.run.id}
                    metric={metric}
                    extreme={choice.figure}
                    value={best.value}
                  />
                </dd>
              </>
            )}
            <dt>of</dt>
            <dd>{formatNoun(runs.length, "run")}</dd>
          </dl>
          <Curve of={props} run={best.run} metric={metric} isOn={isOn} />
        </div>
      )}
    </PanelFrame>
  );

  function stateFor(): PanelState {
    if (metric === "") return { is: "empty", say: "Choose a metric in the settings." };
    if (runs.length === 0) return { is: "empty", say: "No run is shown." };
    return stateOf(
      figures,
      best ? null : `${noneHas(runs.length, "run", "shown")} a finite number for ${metric}.`,
    );
  }
});

interface StepOfProps {
  readonly of: PanelProps;
  readonly run: string;
  readonly metric: string;
  readonly extreme: Extract<ScalarChoice["figure"], "min" | "max">;
  readonly value: number;
}

function StepOf({ of, run, metric, extreme, value }: StepOfProps) {
  const { data } = useQuery(extremeStepQuery(of.project, { run, key: metric, extreme, value }));
  if (data === null) return <>not known</>;
  return <>{data === undefined ? "…" : formatCount(data)}</>;
}

interface CurveProps {
  readonly of: PanelProps;
  readonly run: PanelProps["runs"][number];
  readonly metric: string;
  readonly isOn: boolean;
}

function Curve({ of, run, metric, isOn }: CurveProps) {
  const { data } = useQuery({
    ...seriesQuery(of.project, {
      runs: [run.id],
      keys: [metric],
      axis: "defined",
      lo: null,
      hi: null,
      nBuckets: SPARK_BUCKETS,
    }),
    enabled: isOn,
  });
  const content = useMemo<AreaSparkContent>(
    () => ({ y: evenly(data?.series[0]), color: run.color, isLive: run.isLive }),
    [data, run.color, run.isLive],
  );
  return (
    <CanvasPlot
      label={`${metric} of ${run.name}`}
      content={content}
      make={(element) => new AreaSpark(element)}
    />
  );
}

/** The means at places of equal distance; NaN where there is none. */
function evenly(columns: SeriesColumns | undefined): Float64Array {
  if (!columns || columns.bucket.length === 0) return new Float64Array();
  const first = columns.bucket[0]!;
  const y = new Float64Array(columns.bucket[columns.bucket.length - 1]! - first + 1).fill(Number.NaN);
  for (let i = 0; i < columns.bucket.length; i++)
    y[columns.bucket[i]! - first] = columns.mean[i]! + columns.base;
  return y;
}

function signed(delta: number): string {
  return delta > 0 ? `+${formatValue(delta)}` : formatValue(delta);
}

function deltaLook(delta: number, goal: Goal | null): string {
  if (goal === null || delta === 0) return "";
  return delta > 0 === (goal === "maximize") ? "better" : "worse";
}
