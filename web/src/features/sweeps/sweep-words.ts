import type { Sweep, SweepRun } from "@/api/sweeps/sweeps";
import { formatCount, formatValue } from "@/data/text/format";
import { formatCell } from "@/panels/over-runs/columns";

/** A sweep's name; without one its id. */
export function sweepName({ name, id }: Sweep): string {
  return name || id;
}

/** Number of runs handed out. */
export function nRuns({ counts }: Sweep): number {
  return counts.running + counts.finished + counts.failed + counts.queued;
}

/** `64 of 120`. */
export function runsText(sweep: Sweep): string {
  const n = formatCount(nRuns(sweep));
  return sweep.n_expected === null ? n : `${n} of ${formatCount(sweep.n_expected)}`;
}

/** Whether trials are to come, but no agent is there to take them. */
export function isWaiting({ state, counts, n_agents: nAgents }: Sweep): boolean {
  return (state === "running" || state === "pending") && nAgents === 0 && counts.running === 0;
}

/** The method, and its sampler where it is not the usual one. */
export function methodText({ method, sampler }: Sweep): string {
  return sampler && sampler !== "tpe" ? `${method}, ${sampler}` : method;
}

/** The type of early termination; null: the sweep has none. */
export function earlyTermination({ config }: Sweep): string | null {
  const early = config.early_terminate as { readonly type?: unknown } | null | undefined;
  return typeof early?.type === "string" ? early.type : null;
}

/** A parameter's value: a drawn number has more digits than one reads. */
export function parameterText(name: string, value: unknown): string {
  const isDrawn = typeof value === "number" && !Number.isInteger(value);
  return isDrawn ? formatValue(value) : formatCell(`config.${name}`, value);
}

/** The run's value of a metric; an empty text where it has none. */
export function valueText(run: SweepRun | null, at = 0): string {
  const value = run?.values?.[at];
  return value === undefined ? "" : formatValue(value);
}

/** The run with the best value of a metric, failed ones aside; null: none has one. */
export function bestOf(
  runs: readonly SweepRun[],
  at: number,
  goal: Sweep["metrics"][number]["goal"],
): string | null {
  let best: SweepRun | null = null;
  for (const run of runs) {
    const value = run.values?.[at];
    if (value === undefined || run.state === "failed") continue;
    const before = best?.values?.[at];
    if (before === undefined || (goal === "minimize" ? value < before : value > before)) best = run;
  }
  return best?.run ?? null;
}
