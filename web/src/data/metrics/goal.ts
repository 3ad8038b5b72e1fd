/**
 * The direction in which a metric gets better: as its goal says, else by its name. Pure.
 */

import type { Goal } from "../table/column-facts";

/** Metrics that fall while training goes well. */
const FALLING = /(loss|err(or)?|perplexity|ppl|wer|cer|mse|mae|rmse|fid|latency|time)\b/i;

/** Metrics that rise while training goes well. */
const RISING =
  /((?<![a-z])m?ap|acc(uracy)?|auc|auroc|f1|precision|recall|score|reward|return|bleu|rouge|iou|dice|psnr|ssim|r2)\b/i;

/**
 * The direction that a metric's goal or else its name tells; null where neither does.
 *
 * @param goal of `define_metric`; null without one
 */
export function aimOf(metric: string, goal: Goal | null): Goal | null {
  if (goal) return goal;
  if (FALLING.test(metric)) return "minimize";
  return RISING.test(metric) ? "maximize" : null;
}

/** The direction as `aimOf`; up where that is not told. */
export function directionOf(metric: string, goal: Goal | null): Goal {
  return aimOf(metric, goal) ?? "maximize";
}

/** The order of values by `directionOf` in words: of a metric without a goal in its definition or name no value is the best. */
export function orderNote(metric: string, goal: Goal | null): string {
  return aimOf(metric, goal) === null ? "largest first" : "best first";
}
