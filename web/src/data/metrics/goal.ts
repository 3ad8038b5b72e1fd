/**
 * The direction in which a metric gets better: as its goal says, else by its name. Pure.
 */

import type { Goal } from "../table/column-facts";

/** Metrics that fall while training goes well. */
const FALLING = /(loss|err(or)?|perplexity|ppl|wer|cer|mse|mae|rmse|fid|latency|time)\b/i;

/** Metrics that rise while training goes well. */
const RISING =
  /(acc(uracy)?|auc|auroc|ap|map|f1|precision|recall|score|reward|return|bleu|rouge|iou|dice|psnr|ssim|r2)\b/i;

/** @param goal of `define_metric`; null without one */
export function directionOf(metric: string, goal: Goal | null): Goal {
  return goal ?? (FALLING.test(metric) ? "minimize" : "maximize");
}

/** The order of values by `directionOf` in words: of a metric without a goal in its definition or name no value is the best. */
export function orderNote(metric: string, goal: Goal | null): string {
  const isAimed = goal !== null || FALLING.test(metric) || RISING.test(metric);
  return isAimed ? "best first" : "largest first";
}
