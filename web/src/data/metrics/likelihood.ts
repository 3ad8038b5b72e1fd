/** Guesses from a metric's name: whether a project is after it, and whether it only counts. Pure. */

import { METRIC_WORDS } from "../lists.gen";
import { aimOf } from "./goal";

const HELD_OUT = new RegExp(METRIC_WORDS.held_out, "i");

/** Names of key metrics; better guesses first. */
const LIKELY = [
  new RegExp(`${METRIC_WORDS.held_out}.*(?:${METRIC_WORDS.score})`, "i"),
  HELD_OUT,
  new RegExp(METRIC_WORDS.likely, "i"),
];

const COUNTER = new RegExp(METRIC_WORDS.counter, "i");
const UNLIKELY = new RegExp(`${METRIC_WORDS.scheduled}|${METRIC_WORDS.duration}`, "i");
const WHOLE = new RegExp(METRIC_WORDS.whole, "i");
const MOST_PARTS = 9;

/** Whether a metric counts steps: its curve is a straight line, and its last value the length of a run. */
export function isCounter(metric: string): boolean {
  return COUNTER.test(metric);
}

/** Whether a name begins as those of results on held-out data do: `eval/…`, `val_loss`. */
export function isEvaluated(metric: string): boolean {
  return HELD_OUT.test(metric);
}

/**
 * Rank of a metric by its name: 0 is the likeliest key metric, a name that tells a goal comes before others, a learning rate and
 * durations come behind what was measured, and counters last. Among equally likely ones, fewer slices of the data come first:
 * `eval/all/recall` before `eval/country/de/recall`.
 */
export function likelihoodRank(metric: string): number {
  const parts = metric.split("/").filter((part) => !WHOLE.test(part));
  return guessRank(metric) + Math.min(parts.length, MOST_PARTS) / (MOST_PARTS + 1);
}

function guessRank(metric: string): number {
  if (isCounter(metric)) return LIKELY.length + 3;
  if (UNLIKELY.test(metric)) return LIKELY.length + 2;
  const likely = LIKELY.findIndex((pattern) => pattern.test(metric));
  if (likely >= 0) return likely;
  return aimOf(metric, null) ? LIKELY.length : LIKELY.length + 1;
}

/**
 * Rank where some metrics have a definition: a likely name without one comes before an unlikely one with a goal.
 *
 * @param isKept whether the definition asks for its highest or its lowest value: of such a metric any name but those of counters,
 *   schedules and durations is a likely one
 */
export function keyRank(metric: string, hasGoal: boolean, isKept = false): number {
  const rank = likelihoodRank(metric);
  const isLikely = rank < LIKELY.length || (isKept && rank < LIKELY.length + 2);
  if (isLikely && isKept) return Math.min(rank, LIKELY.length);
  return (isLikely ? rank : rank + LIKELY.length) + (hasGoal ? 0 : LIKELY.length);
}

/** In order of `keyRank`, but first one of those that differ in numbers alone, `recall@1` and `recall@10`, then the next of each. */
export function inKeyOrder<T>(
  metrics: readonly T[],
  nameOf: (metric: T) => string,
  rankOf: (metric: T) => number,
): T[] {
  const counts = new Map<string, number>();
  const ranked = metrics.map((metric) => ({ metric, rank: rankOf(metric) })).sort((a, b) => a.rank - b.rank);
  const turns = ranked.map(({ metric, rank }) => {
    const shape = nameOf(metric).replace(/\d+/g, "#");
    const turn = counts.get(shape) ?? 0;
    counts.set(shape, turn + 1);
    return { metric, rank, turn };
  });
  return turns.sort((a, b) => a.rank - b.rank || a.turn - b.turn).map(({ metric }) => metric);
}
