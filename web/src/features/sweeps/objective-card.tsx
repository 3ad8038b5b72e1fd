/**
 * The values that the runs of a sweep reached: over time with the best so far, or with several metrics the first
 * two against each other.
 */

import { useNavigate } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import type { Sweep, SweepRun } from "@/api/sweeps";
import type { ProjectRef } from "@/api/types";
import { ObjectiveChart, type ObjectiveHover } from "@/charts/objective/objective";
import { formatDuration, formatNoun, formatValue } from "@/data/format";
import { CanvasPlot } from "@/panels/over-runs/canvas-plot";
import { formatCell } from "@/panels/over-runs/columns";
import { FactTip } from "@/panels/over-runs/fact-tip";
import { useStable } from "@/ui/hooks/use-stable";
import { againstEachOther, overTime } from "./objective";
import type { RunNames } from "./use-run-names";
import "@/panels/panel.css";
import "@/panels/over-runs/over-runs.css";

interface ObjectiveCardProps {
  readonly project: ProjectRef;
  readonly sweep: Sweep;
  readonly runs: readonly SweepRun[];
  readonly names: RunNames;
}

export function ObjectiveCard({ project, sweep, runs, names }: ObjectiveCardProps) {
  const navigate = useNavigate();
  const [hover, setHover] = useState<ObjectiveHover | null>(null);
  const [first, second] = sweep.metrics;
  const content = useMemo(
    () => (second ? againstEachOther(sweep, runs) : overTime(sweep, runs)),
    [sweep, runs, second],
  );
  const onOpen = useStable((run: string) => {
    void navigate({ to: "/$entity/$project/runs/$run", params: { ...project, run } });
  });
  const title = second ? `${second.name} against ${first?.name}` : `${first?.name ?? "Value"} over time`;
  const hovered = hover ? runs.find(({ run }) => run === hover.id) : undefined;
  const has = (look: string) => content?.points.some((point) => point.look === look) ?? false;
  return (
    <article className="panel sweep-objective" aria-label={title}>
      <header className="ph">
        <h2 className="ell" title={title}>
          {title}
        </h2>
        <span className="ax">{second ? "each run, Pareto front" : "each run, best so far"}</span>
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
            make={(element) => new ObjectiveChart(element, { onHover: setHover, onOpen })}
          />
        </>
      ) : (
        <div className="say">
          <span>
            {second
              ? "No run has values of both metrics yet."
              : "No run has ended yet. Each is shown at its end."}
          </span>
        </div>
      )}
      {hover && hovered && (
        <FactTip
          name={names.get(hovered.run) ?? hovered.run}
          color={null}
          facts={factsOf(sweep, hovered)}
          left={hover.left}
          top={hover.top}
        />
      )}
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

function factsOf(sweep: Sweep, run: SweepRun): (readonly [string, string])[] {
  const state = run.stopped_early ? "stopped early" : run.state;
  return [
    ...sweep.metrics.map(({ name }, i): readonly [string, string] => {
      const value = run.values?.[i];
      return [name, value === undefined ? "no value" : formatValue(value)];
    }),
    ...sweep.parameters.map((name): readonly [string, string] => [
      name,
      formatCell(`config.${name}`, run.parameters[name]),
    ]),
    ["state", run.error ? `${state}: ${run.error}` : state],
    ...(run.ended_micros === null
      ? []
      : [["took", formatDuration((run.ended_micros - run.given_micros) / 1e6)] as const]),
  ];
}
