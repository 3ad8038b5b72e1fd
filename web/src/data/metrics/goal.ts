/**
 * The direction in which a metric gets better: as its goal says, else by its name. Pure.
 */

import type { Goal } from "../table/column-facts";

/** Metrics that fall while training goes well. */
const FALLING = /(loss|err(or)?|perplexity|ppl|wer|cer|mse|mae|rmse|fid|latency|time)\b/i;

/** @param goal of `define_metric`; null without one */
export function directionOf(metric: string, goal: Goal | null): Goal {
  return goal ?? (FALLING.test(metric) ? "minimize" : "maximize");
}
