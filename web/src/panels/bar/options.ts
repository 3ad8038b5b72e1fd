/**
 * Options of a bar panel. Pure.
 */

import type { Figure } from "@/api/metrics/metric-figures";
import type { BarLook } from "@/charts/bar/bar-layout";
import type { Panel } from "@/data/view/panel";
import { choiceOption } from "../over-runs/options";

const FIGURES: readonly Figure[] = ["latest", "max", "min", "mean"];
const LOOKS: readonly BarLook[] = ["bar", "box", "violin"];
const BAR_ORDERS = ["list", "falling", "rising"] as const;

export interface BarOptions {
  /** Of all points of the metric. */
  readonly figure: Figure;
  /** As the runs list, or by the bar's length. */
  readonly order: (typeof BAR_ORDERS)[number];
  /** Of groups; a run by itself is a bar. */
  readonly look: BarLook;
}

export function barOptions({ options }: Panel): BarOptions {
  return {
    figure: choiceOption(options, "figure", FIGURES, "latest"),
    order: choiceOption(options, "order", BAR_ORDERS, "list"),
    look: choiceOption(options, "look", LOOKS, "bar"),
  };
}
