/**
 * The values that the runs of a sweep reached: over time with the best so far, or with several metrics the first
 * two against each other.
 */

import { useMemo } from "react";
import { MOST_RUNS } from "@/api/sweeps/sweeps";
import { ObjectiveChart } from "@/charts/objective/objective";
import { formatCount, formatNoun } from "@/data/text/format";
import { CanvasPlot } from "@/panels/over-runs/canvas-plot";
import { EmptyState } from "@/ui/signs/empty-state";
import { nRuns } from "../sweep-words";
import { againstEachOther, overTime } from "./objective";
import { type SweepChartProps, useRunTip } from "./use-run-tip";
import "@/panels/frame/panel.css";
import "@/panels/over-runs/over-runs.css";

export function ObjectiveCard(props: SweepChartProps) {
  const { sweep, runs } = props;
  const { handlers, tip } = useRunTip(props);
  const [first, second] = sweep.metrics;
  const content = useMemo(
    () => (second ? againstEachOther(sweep, runs) : overTime(sweep, runs)),
    [sweep, runs, second],
  );
  const title = second ? `${second.name} against ${first?.name}` : `${first?.name ?? "Value"} over time`;
  const has = (look: string) => content?.points.some((point) => point.look === look) ?? false;
  return (
    <article className="panel sweep-objective" aria-label={title}>
      <header className="ph">
        <h2 className="ell" title={title}>
          {title}
        </h2>
        <span className="ax">
          {second ? "each run, Pareto front" : "each run, best so far"}
          {nRuns(sweep) > MOST_RUNS && `; the first ${formatCount(MOST_RUNS)} runs`}
        </span>
      </header>
      {content ? (
        <>
          <div className="legend" aria-hidden="true">
            <span>
              <i className="swatch" />
              {second ? "Pareto front" : "best so far"}
            </span>
            {has("plain") && <Key of="plain" name={second ? "finished" : "finished, by value"} />}
            {has("stopped") && <Key of="stopped" name="stopped early" />}
            {has("failed") && <Key of="failed" name="failed" />}
          </div>
          <CanvasPlot
            label={`${title}: ${formatNoun(content.points.length, "run")}`}
            keys="Left and right go from run to run, Enter opens one"
            content={content}
            make={(element) => new ObjectiveChart(element, handlers)}
          />
        </>
      ) : (
        <EmptyState icon="clock" title="No run to show yet">
          {second
            ? "A run is shown once it has values of both metrics."
            : `A run is shown once it has ended with a value of ${first?.name ?? "the metric"}.`}
        </EmptyState>
      )}
      {tip}
    </article>
  );
}

function Key({ of, name }: { of: string; name: string }) {
  return (
    <span>
      <i className={`sweep-key ${of}`} />
      {name}
    </span>
  );
}
