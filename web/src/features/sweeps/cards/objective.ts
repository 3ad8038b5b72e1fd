/** The results of a sweep's runs, laid out for the chart: over time, or one metric against another. Pure. */

import type { Sweep, SweepRun } from "@/api/sweeps/sweeps";
import type { ObjectiveContent, ObjectivePoint } from "@/charts/objective/objective";

const UNITS = [
  { name: "days", secs: 86_400 },
  { name: "hours", secs: 3600 },
  { name: "minutes", secs: 60 },
  { name: "seconds", secs: 1 },
] as const;

/** A time is told in the largest unit of which it has at least two. */
export function unitOf(secs: number) {
  return UNITS.find((unit) => secs >= 2 * unit.secs) ?? UNITS[UNITS.length - 1]!;
}

type Goal = Sweep["metrics"][number]["goal"];

function isBetter(goal: Goal, a: number, b: number): boolean {
  return goal === "minimize" ? a < b : a > b;
}

/** Ended runs at their ends, with a step line of the best so far; null: no run has ended. */
export function overTime(sweep: Sweep, runs: readonly SweepRun[]): ObjectiveContent | null {
  const ended = runs
    .filter((run) => run.ended_micros !== null && run.state !== "queued" && run.state !== "running")
    .sort((a, b) => a.ended_micros! - b.ended_micros!);
  if (ended.length === 0) return null;
  const { goal } = sweep.metrics[0]!;
  const last = ended.at(-1)!.ended_micros!;
  // not the sweep's own time: one that began without a server was created when it was sent
  const begin = runs.reduce((least, run) => Math.min(least, run.given_micros), last);
  const unit = unitOf((last - begin) / 1e6);
  const at = (run: SweepRun) => (run.ended_micros! - begin) / 1e6 / unit.secs;
  const rankOf = ranks(
    ended.flatMap((run) => run.values?.[0] ?? []),
    goal,
  );
  const points = ended.map((run) => pointOf(run, at(run), run.values?.[0] ?? null, rankOf));
  const line: [number, number][] = [];
  for (const { x, y, look } of points) {
    const best = line.at(-1)?.[1];
    if (y === null || look === "failed" || (best !== undefined && !isBetter(goal, y, best))) continue;
    if (best !== undefined) line.push([x, best]);
    line.push([x, y]);
  }
  const best = line.at(-1)?.[1];
  if (best !== undefined) line.push([points.at(-1)!.x, best]);
  return { points, line, xLabel: `${unit.name} since the first run began` };
}

/** The first two metrics against each other, with the steps of their front; null: no run has both. */
export function againstEachOther(sweep: Sweep, runs: readonly SweepRun[]): ObjectiveContent | null {
  const [first, second] = sweep.metrics;
  const valued = runs.filter((run) => (run.values?.length ?? 0) > 1);
  if (!first || !second || valued.length === 0) return null;
  const onFront = new Set(sweep.front.map(({ run }) => run));
  const points = valued.map((run) =>
    pointOf(run, run.values![0]!, run.values![1]!, () => (onFront.has(run.run) ? 1 : 0)),
  );
  const ended = points.filter(({ look }) => look !== "failed");
  const best = frontOf(ended, first.goal, second.goal);
  const line = best.flatMap(({ x, y }, i): [number, number][] => {
    const before = best[i - 1];
    if (!before) return [[x, y!]];
    // the worse corner: nothing between two runs of the front was reached
    const corner: [number, number] = first.goal === "minimize" ? [x, before.y!] : [before.x, y!];
    return [corner, [x, y!]];
  });
  return { points, line, xLabel: first.name };
}

/** The points that none is better than in both, by x. */
function frontOf(points: readonly ObjectivePoint[], goalX: Goal, goalY: Goal): ObjectivePoint[] {
  const bestFirst = [...points].sort((a, b) =>
    a.x !== b.x ? (isBetter(goalX, a.x, b.x) ? -1 : 1) : isBetter(goalY, a.y!, b.y!) ? -1 : 1,
  );
  const front: ObjectivePoint[] = [];
  for (const point of bestFirst) {
    const last = front.at(-1);
    if (!last || isBetter(goalY, point.y!, last.y!)) front.push(point);
  }
  return front.sort((a, b) => a.x - b.x);
}

function pointOf(
  run: SweepRun,
  x: number,
  y: number | null,
  rankOf: (value: number) => number,
): ObjectivePoint {
  // a failed run may have a value all the same, which only the search takes
  const look = y === null || run.state === "failed" ? "failed" : run.stopped_early ? "stopped" : "plain";
  return { id: run.run, x, y, look, rank: y === null ? 0 : rankOf(y) };
}

/** From 0, the worst, to 1. */
function ranks(values: readonly number[], goal: Goal): (value: number) => number {
  const lo = values.reduce((a, b) => Math.min(a, b), Infinity);
  const hi = values.reduce((a, b) => Math.max(a, b), -Infinity);
  if (!(hi > lo)) return () => 1;
  return (value) => (goal === "minimize" ? hi - value : value - lo) / (hi - lo);
}
