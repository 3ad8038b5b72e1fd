/** The x axis of panels of logged objects: histograms and media. Pure. */

import type { ObjectAxis } from "@/api/metrics/object-axis";
import { isRelative, unitOf } from "@/charts/axis/x-axis";
import { stepText } from "@/data/media/steps";
import { formatTick, formatTimeTick } from "@/data/text/format";
import { AXIS_CHOICES } from "@/data/view/setting-titles";
import { type AxisKind, hasAxisBy, type PanelSettings } from "@/data/view/settings";

/** Wall time is taken as time since the run began, and an expression as steps: objects have neither. */
export function objectAxis({ axis, axisBy }: Pick<PanelSettings, "axis" | "axisBy">): ObjectAxis {
  if (axis === "metric" && axisBy) return { axis, axis_metric: axisBy };
  if (hasAxisBy(axis)) return { axis: "step" };
  return { axis: axis === "wall" ? "time_wall" : axis };
}

/** Note of a panel that does not stand over the axis of the others; empty where it does. */
export function objectAxisNote({ axis }: Pick<PanelSettings, "axis">): string {
  return axis === "expression" ? "by step, not the expression" : "";
}

/** The axis that a field shows: also one by a metric that was not chosen yet. */
export function objectAxisChoice(settings: Pick<PanelSettings, "axis" | "axisBy">): AxisKind {
  return settings.axis === "metric" ? "metric" : objectAxis(settings).axis;
}

export const OBJECT_AXIS_CHOICES = AXIS_CHOICES.filter(
  ({ value }) => value !== "wall" && value !== "expression",
);

/** An x of the server on an axis: a step with all its digits, a time, the value of a metric. */
export function xText({ axis, axis_metric }: ObjectAxis, x: number): string {
  // the clocks' difference is measured more exactly after a run began: its first rows can be a little before 0
  if (isRelative(axis))
    return formatTimeTick(Number((Math.max(0, x) / unitOf(axis)).toPrecision(TIME_DIGITS)));
  return axis_metric ? formatTick(Number(x.toPrecision(METRIC_DIGITS))) : stepText(x);
}

const TIME_DIGITS = 4;
const METRIC_DIGITS = 6;
