/** The direction in which a metric gets better: as its goal says, else by its name. Pure. */

import { METRIC_WORDS } from "../lists.gen";
import type { Goal } from "../table/column-facts";

const { falling, rising, qualifier } = METRIC_WORDS;

/** A metric as the last word of a part of a name, but for qualifiers. Words, not endings: no `power` ends in `wer`. */
const METRIC = new RegExp(
  `(?<![a-z])(?:(${falling})|(${rising}))\\d*(?:_(?:${qualifier}))*(?![a-z0-9_])`,
  "gi",
);

/** `valLoss` in words: `val_Loss`; `mAP` is one. */
function inWords(name: string): string {
  return name.replace(/([a-z]{2})([A-Z])/g, "$1_$2");
}

/**
 * The direction that a metric's goal or else its name tells, of several metrics in it the last; null where neither does.
 *
 * @param goal of `define_metric`; null without one
 */
export function aimOf(metric: string, goal: Goal | null): Goal | null {
  if (goal) return goal;
  const metrics = [...inWords(metric).matchAll(METRIC)];
  const last = metrics.at(-1);
  if (!last) return null;
  return last[1] ? "minimize" : "maximize";
}

/** The direction as `aimOf`; up where that is not told. */
export function directionOf(metric: string, goal: Goal | null): Goal {
  return aimOf(metric, goal) ?? "maximize";
}

/** The order of values by `directionOf` in words: of a metric without a goal in its definition or name no value is the best. */
export function orderNote(metric: string, goal: Goal | null): string {
  return aimOf(metric, goal) === null ? "largest first" : "best first";
}
