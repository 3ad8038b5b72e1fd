/** The curves that a panel lacks only for want of an x, or of a step that their metrics share. Pure. */

import type { MissingSeries } from "@/data/curves/columns";
import { NO_POINTS } from "@/data/curves/main-axis";
import type { AxisKind } from "@/data/view/settings";

/** The server's reasons: `services/charting/reasons.py`. */
export const LACKS_X = / to be the x axis$/;
const LACKS_METRIC = /^the run has no metric '(.*)' with numbers$/;
const NO_RUN = "no such run";
/** Of an expression: its metrics are joined where their x is the same, over time where their step is. */
const NO_COMMON_X = /^its metrics have no (step|x) in common/;

/**
 * Those that have the metric and nothing to be its x. Of expressions the reasons do not say whether it is x or y that a run
 * has no values for.
 *
 * @param keys metrics of the panel
 */
export function seriesWithoutX(
  missing: readonly MissingSeries[],
  axis: AxisKind,
  keys: readonly string[],
): readonly MissingSeries[] {
  return missing.filter(({ key, reason }) => {
    if (LACKS_X.test(reason) || NO_COMMON_X.test(reason)) return true;
    if (axis !== "expression" || !keys.includes(key) || reason === NO_POINTS || reason === NO_RUN)
      return false;
    return LACKS_METRIC.exec(reason)?.[1] !== key;
  });
}

/** Whether it is an x that all of them lack, and not a step, or an x, that two metrics share. */
export function lackX(missing: readonly MissingSeries[]): boolean {
  return !missing.some(({ reason }) => NO_COMMON_X.test(reason));
}
