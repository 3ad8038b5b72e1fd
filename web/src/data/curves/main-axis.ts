/**
 * The one x axis of a panel whose runs define several: an axis has one unit, so the curves of another one are left out.
 * Pure.
 */

import type { PanelSeries } from "./columns";

/** The server's reason for a curve without a point: `services/charting/reasons.py`. */
export const NO_POINTS = "no points in the range";

/**
 * The metric that most curves have as x (empty: steps); of two with as many, one that was defined.
 *
 * @param isPart whether the answer is of a part of x: curves without a point there count, as a zoom
 *   keeps the axis
 */
export function mainAxisOf(
  { series, missing }: Omit<PanelSeries, "bounds" | "nBytes">,
  isPart: boolean,
): string {
  const outside = isPart ? missing.filter(({ reason }) => reason === NO_POINTS) : [];
  const nCurves = new Map<string, number>();
  for (const { axisMetric } of [...series, ...outside])
    nCurves.set(axisMetric, (nCurves.get(axisMetric) ?? 0) + 1);
  const [main = ["", 0]] = [...nCurves].sort(
    ([a, nA], [b, nB]) => nB - nA || Number(a === "") - Number(b === "") || (a < b ? -1 : 1),
  );
  return main[0];
}
