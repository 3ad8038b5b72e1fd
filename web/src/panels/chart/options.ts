/**
 * Options of a panel of logged charts. Pure.
 */

import { isInStep } from "@/data/view/media-steps";
import type { Panel } from "@/data/view/panel";
import { choiceOption, switchOption } from "../over-runs/options";
import type { LineColors } from "./look";

export interface ChartOptions {
  readonly isInStep: boolean;
  /** Shows the rows of the table that the chart draws. */
  readonly isTable: boolean;
  readonly lineColors: LineColors | "automatic";
}

export function chartOptions(panel: Panel): ChartOptions {
  const { options } = panel;
  return {
    isInStep: isInStep(panel),
    isTable: switchOption(options, "isTable", false),
    lineColors: choiceOption(options, "lineColors", ["automatic", "run", "line"], "automatic"),
  };
}
