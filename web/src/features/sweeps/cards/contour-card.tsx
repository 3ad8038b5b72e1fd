/** A contour plot: a metric over two parameters of a sweep; the address has which. */

import { useMemo, useRef } from "react";
import { ContourChart, type ContourContent } from "@/charts/contour/contour";
import { formatNoun } from "@/data/text/format";
import { useInView } from "@/panels/frame/use-in-view";
import { CanvasPlot } from "@/panels/over-runs/canvas-plot";
import { Select } from "@/ui/controls/select";
import { EmptyState } from "@/ui/signs/empty-state";
import { type IsIn, parameterScale } from "../parameters";
import { bestOf } from "../sweep-words";
import type { SweepSearch } from "../use-sweep-search";
import { MetricSelect } from "./metric-select";
import { type SweepChartProps, useRunTip } from "./use-run-tip";

interface ContourCardProps extends SweepChartProps {
  readonly metric: number;
  /** Tells whether the brushes keep a run; null without brushes. */
  readonly isIn: IsIn | null;
  readonly search: SweepSearch;
  onSearch(part: SweepSearch): void;
}

/** Below this there is nothing to average. */
const FEWEST_RUNS = 3;

export function ContourCard(props: ContourCardProps) {
  const { sweep, runs, order, metric, isIn, search, onSearch } = props;
  const ref = useRef<HTMLElement>(null);
  const isInView = useInView(ref);
  const { handlers, tip } = useRunTip(props);
  const { name, goal } = sweep.metrics[metric]!;
  const x = chosen(search.x, order, search.y);
  const y = chosen(search.y, order, x);
  const { config } = sweep;
  const content = useMemo((): ContourContent | null => {
    if (!isInView) return null;
    const valued = runs.filter(
      ({ values, parameters }) =>
        values?.[metric] !== undefined && parameters[x] !== undefined && parameters[y] !== undefined,
    );
    if ((isIn ? valued.filter(isIn) : valued).length < FEWEST_RUNS) return null;
    return {
      runs: valued.map((run) => ({
        id: run.run,
        x: run.parameters[x],
        y: run.parameters[y],
        z: run.values![metric]!,
        isIn: isIn === null || isIn(run),
      })),
      xScale: parameterScale(config, x),
      yScale: parameterScale(config, y),
      xLabel: x,
      yLabel: y,
      zLabel: name,
      isLowBest: goal === "minimize",
      best: bestOf(isIn ? valued.filter(isIn) : valued, metric, goal),
    };
  }, [isInView, runs, x, y, metric, isIn, config, name, goal]);
  const options = order.map((parameter) => ({ value: parameter, label: parameter }));
  const nIn = content?.runs.filter((run) => run.isIn).length ?? 0;
  return (
    <section className="panel sweep-contour" aria-label="Contour" ref={ref}>
      <header className="ph">
        <h2>Contour</h2>
        <span className="ax ell" title={name}>
          {name} over two parameters
        </span>
        <span className="grow" />
        <MetricSelect sweep={sweep} at={metric} onChange={(next) => onSearch({ metric: next })} />
        <Select
          label="X"
          value={x}
          options={options}
          isLabelVisible
          isSmall
          onChange={(next) => onSearch({ x: next, y: next === y ? x : y })}
        />
        <Select
          label="Y"
          value={y}
          options={options}
          isLabelVisible
          isSmall
          onChange={(next) => onSearch({ y: next, x: next === x ? y : x })}
        />
      </header>
      {content ? (
        <>
          <CanvasPlot
            label={`${name} over ${x} and ${y}: ${formatNoun(nIn, "run")}`}
            keys="Left and right go from run to run, Enter opens one"
            content={content}
            make={(element) => new ContourChart(element, handlers)}
          />
          <p className="contour-note">
            Color: the mean of the runs near a place, nearer ones weighted more, whatever their other
            parameters are. Blank: no run is near. Dots: {formatNoun(nIn, "run")}, the best one with a ring.
          </p>
        </>
      ) : (
        isInView && (
          <EmptyState icon="chart" title="Too few runs for a map">
            It needs {FEWEST_RUNS} runs with a value of {name} and both parameters.
          </EmptyState>
        )
      )}
      {tip}
    </section>
  );
}

/** The parameter of the address where the sweep has it, else the first that the other axis does not show. */
function chosen(requested: string | undefined, order: readonly string[], other: string | undefined): string {
  if (requested !== undefined && requested !== other && order.includes(requested)) return requested;
  return order.find((name) => name !== other) ?? order[0]!;
}
