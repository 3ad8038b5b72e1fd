/** The run under the pointer in a chart of a sweep: a tooltip with its values, and its page on a click. */

import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import type { Sweep, SweepRun } from "@/api/sweeps/sweeps";
import type { ProjectRef } from "@/api/types";
import type { RunHandlers, RunHover } from "@/charts/run-pointer";
import { formatDuration, formatValue } from "@/data/text/format";
import { formatCell } from "@/panels/over-runs/columns";
import { FactTip } from "@/panels/over-runs/tip/fact-tip";
import { useStable } from "@/ui/hooks/use-stable";
import type { RunNames } from "../use-run-names";

export interface SweepChartProps {
  readonly project: ProjectRef;
  readonly sweep: Sweep;
  readonly runs: readonly SweepRun[];
  readonly names: RunNames;
  /** The parameters, the most important first. */
  readonly order: readonly string[];
}

/** More parameters do not fit below each other; the run's page has all. */
const MOST_FACTS = 16;

export function useRunTip({ project, sweep, runs, names, order }: SweepChartProps) {
  const navigate = useNavigate();
  const [hover, setHover] = useState<RunHover | null>(null);
  const onOpen = useStable((run: string) => {
    void navigate({ to: "/$entity/$project/runs/$run", params: { ...project, run } });
  });
  const handlers: RunHandlers = { onHover: setHover, onOpen };
  const run = hover ? runs.find((candidate) => candidate.run === hover.id) : undefined;
  const tip = hover && run && (
    <FactTip
      name={names.get(run.run) ?? run.run}
      color={null}
      facts={factsOf(sweep, run, order)}
      left={hover.left}
      top={hover.top}
    />
  );
  return { handlers, tip };
}

function factsOf(sweep: Sweep, run: SweepRun, order: readonly string[]): (readonly [string, string])[] {
  const state = run.stopped_early ? "stopped early" : run.state;
  return [
    ...sweep.metrics.map(({ name }, i): readonly [string, string] => {
      const value = run.values?.[i];
      return [name, value === undefined ? "no value" : formatValue(value)];
    }),
    ...order
      .slice(0, MOST_FACTS)
      .map((name): readonly [string, string] => [name, formatCell(`config.${name}`, run.parameters[name])]),
    ...(order.length > MOST_FACTS ? [[`and ${order.length - MOST_FACTS} more`, ""] as const] : []),
    ["trial", String(run.number)],
    ["state", run.error ? `${state}: ${run.error}` : state],
    ...(run.ended_micros === null
      ? []
      : [["took", formatDuration((run.ended_micros - run.given_micros) / 1e6)] as const]),
  ];
}
