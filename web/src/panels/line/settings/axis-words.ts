import type { XAxis } from "@/charts/axis/x-axis";
import { readableText } from "@/data/expression/expression-text";
import type { PanelSettings } from "@/data/view/settings";

const TITLES: Readonly<Record<Exclude<XAxis["kind"], "metric">, string>> = {
  step: "step",
  time: "relative time (process)",
  time_wall: "relative time (wall)",
  wall: "wall time",
};

/** Label of an axis. */
export function axisTitle({ kind, metric }: XAxis): string {
  return kind === "metric" ? metric : TITLES[kind];
}

/** The metric or expression that was chosen for x, as a person reads it. */
export function axisTextOf({ axis, axisBy }: Pick<PanelSettings, "axis" | "axisBy">): string {
  if (!axisBy) return "step";
  return axis === "expression" ? readableText(axisBy) : axisBy;
}
