/** The trials of a sweep over time, in a row for each agent. Pure. */

import type { SweepRun } from "@/api/sweeps/sweeps";
import type { TimelineBar, TimelineContent } from "@/charts/timeline/timeline";
import { unitOf } from "../cards/objective";

/** More rows can't be read; the agents that came last are shown. */
export const MOST_AGENTS = 40;

interface Agent {
  readonly id: string;
  readonly number: number;
}

/** Null without a trial that an agent had. `nowMicros`: the end of bars of running trials. */
export function layOutTimeline(
  agents: readonly Agent[],
  runs: readonly SweepRun[],
  nowMicros: number,
): TimelineContent | null {
  const shown = agents.slice(-MOST_AGENTS);
  const rowOf = new Map(shown.map(({ id, number }) => [id, `agent-${number}`]));
  const begun = runs.filter(({ agent, state }) => agent !== null && rowOf.has(agent) && state !== "queued");
  if (begun.length === 0) return null;
  const first = begun.reduce((least, run) => Math.min(least, run.given_micros), Number.POSITIVE_INFINITY);
  const endOf = (run: SweepRun) => run.ended_micros ?? Math.max(nowMicros, run.given_micros);
  const last = begun.reduce((most, run) => Math.max(most, endOf(run)), first);
  const unit = unitOf((last - first) / 1e6);
  const at = (micros: number) => (micros - first) / 1e6 / unit.secs;
  const bars = shown.flatMap(({ id }) => {
    const own = begun
      .filter(({ agent }) => agent === id)
      .sort((a, b) => a.given_micros - b.given_micros || a.number - b.number);
    const laneEnds: number[] = [];
    const placed = own.map((run) => {
      const free = laneEnds.findIndex((end) => end <= run.given_micros);
      const lane = free < 0 ? laneEnds.length : free;
      laneEnds[lane] = endOf(run);
      return { run, lane };
    });
    return placed.map(
      ({ run, lane }): TimelineBar => ({
        id: run.run,
        row: rowOf.get(id)!,
        lane,
        nLanes: laneEnds.length,
        from: at(run.given_micros),
        to: at(endOf(run)),
        look: lookOf(run),
      }),
    );
  });
  const rows = shown.flatMap(({ id }) => (begun.some(({ agent }) => agent === id) ? [rowOf.get(id)!] : []));
  return { bars, rows, xLabel: `${unit.name} since the first run began` };
}

function lookOf({ state, stopped_early }: SweepRun): TimelineBar["look"] {
  if (stopped_early && state === "finished") return "stopped";
  return state === "failed" ? "failed" : state === "running" ? "running" : "finished";
}
