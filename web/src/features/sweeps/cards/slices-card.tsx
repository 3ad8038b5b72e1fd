/** Slices: a metric over each parameter of a sweep, the most important first. */

import { useMemo, useRef, useState } from "react";
import { valueAxis } from "@/charts/axis/value-axis";
import { SliceChart, type SliceContent } from "@/charts/slices/slice";
import { formatCount, formatNoun } from "@/data/text/format";
import { useInView } from "@/panels/frame/use-in-view";
import { CanvasPlot } from "@/panels/over-runs/canvas-plot";
import { Button } from "@/ui/controls/button";
import { EmptyState } from "@/ui/signs/empty-state";
import { MidName } from "@/ui/text/mid-name";
import { type IsIn, parameterScale } from "../parameters";
import { MetricSelect } from "./metric-select";
import { type SweepChartProps, useRunTip } from "./use-run-tip";

interface SlicesCardProps extends SweepChartProps {
  /** The metric's place among those of the sweep. */
  readonly metric: number;
  /** Tells whether the brushes keep a run; null without brushes. */
  readonly isIn: IsIn | null;
  onMetric(name: string): void;
}

/** More are shown when asked for. */
const FIRST_SLICES = 12;
const PAD = 0.06;

export function SlicesCard(props: SlicesCardProps) {
  const { sweep, runs, order, metric, isIn, onMetric } = props;
  const [isAll, setAll] = useState(false);
  const { handlers, tip } = useRunTip(props);
  const shown = isAll ? order : order.slice(0, FIRST_SLICES);
  const { config } = sweep;
  const contents = useMemo(() => {
    const valued = runs.filter((run) => run.values?.[metric] !== undefined);
    const y = valueAxis(
      valued.map((run) => run.values![metric]),
      { choice: "linear", isParameter: false, pad: PAD },
    );
    if (!y) return null;
    const last = Math.max(1, valued.at(-1)!.number);
    const slices = valued.map((run) => ({
      id: run.run,
      y: run.values![metric]!,
      time: run.number / last,
      isIn: isIn === null || isIn(run),
    }));
    return {
      n: slices.length,
      nIn: slices.filter((run) => run.isIn).length,
      nOf: (name: string) => valued.filter(({ parameters }) => parameters[name] !== undefined).length,
      of: (name: string): SliceContent => ({
        runs: slices,
        values: valued.map(({ parameters }) => parameters[name]),
        scale: parameterScale(config, name),
        y,
      }),
    };
  }, [runs, metric, isIn, config]);
  const name = sweep.metrics[metric]!.name;
  const isBrushed = isIn !== null;
  return (
    <section className="panel sweep-slices" aria-label="Slices">
      <header className="ph">
        <h2>Slices</h2>
        <span className="ax ell" title={name}>
          {name} over each parameter
          {contents &&
            `, ${isBrushed ? `${formatCount(contents.nIn)} of ` : ""}${formatNoun(contents.n, "run")}${isBrushed ? " in the brush" : ""}`}
        </span>
        <span className="grow" />
        <MetricSelect sweep={sweep} at={metric} onChange={onMetric} />
        {contents && (
          <span className="time-key">
            first run <i /> last run
          </span>
        )}
      </header>
      {contents ? (
        <>
          <div className="slice-grid">
            {shown.map((parameter) => (
              <Slice
                key={parameter}
                parameter={parameter}
                label={`${name} over ${parameter}: ${formatNoun(contents.nOf(parameter), "run")}`}
                contents={contents}
                handlers={handlers}
              />
            ))}
          </div>
          {order.length > FIRST_SLICES && (
            <div className="more-slices">
              <Button isSmall look="quiet" onClick={() => setAll(!isAll)}>
                {isAll
                  ? `Show the first ${FIRST_SLICES}`
                  : `Show all ${formatNoun(order.length, "parameter")}`}
              </Button>
            </div>
          )}
        </>
      ) : (
        <EmptyState icon="chart" title={`No run has a value of ${name} yet`}>
          Each parameter gets a chart of its own once a run has ended with a value.
        </EmptyState>
      )}
      {tip}
    </section>
  );
}

interface SliceProps {
  readonly parameter: string;
  readonly label: string;
  readonly contents: { of(name: string): SliceContent };
  readonly handlers: ReturnType<typeof useRunTip>["handlers"];
}

/** Drawn once it is near the view. */
function Slice({ parameter, label, contents, handlers }: SliceProps) {
  const ref = useRef<HTMLElement>(null);
  const isInView = useInView(ref);
  const content = useMemo(() => (isInView ? contents.of(parameter) : null), [contents, parameter, isInView]);
  return (
    <figure className="slice" ref={ref}>
      {content ? (
        <CanvasPlot
          label={label}
          keys="Left and right go from run to run, Enter opens one"
          content={content}
          make={(element) => new SliceChart(element, handlers)}
        />
      ) : (
        <div className="plot" />
      )}
      <figcaption className="row">
        <MidName name={parameter} />
      </figcaption>
    </figure>
  );
}
