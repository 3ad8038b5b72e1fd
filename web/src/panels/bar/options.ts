/**
 * What only a bar panel has. Pure.
 */

import type { Figure } from "@/api/metric-figures";
import type { Panel } from "@/data/view/panel";
import { choiceOption } from "../over-runs/options";

const FIGURES: readonly Figure[] = ["latest", "max", "min", "mean"];
const BAR_ORDERS = ["list", "falling", "rising"] as const;

export interface BarOptions {
  /** Of all points of the metric. */
  readonly figure: Figure;
  /** As the runs list, or by the bar's length. */
  readonly order: (typeof BAR_ORDERS)[number];
}

export function barOptions({ options }: Panel): BarOptions {
  return {
    figure: choiceOption(options, "figure", FIGURES, "latest"),
    order: choiceOption(options, "order", BAR_ORDERS, "list"),
  };
}
