/** Options of a scalar card, and the value it shows. Pure. */

import type { Figure } from "@/api/metrics/metric-figures";
import { directionOf } from "@/data/metrics/goal";
import type { Goal } from "@/data/table/column-facts";
import { choice, type OptionsOf, optionsReader } from "../settings/options";

export const SCALAR_OPTIONS = {
  /** `auto`: the best of the run's points. */
  figure: choice("Of each run", "auto", {
    auto: "Best",
    latest: "Latest",
    max: "Max",
    min: "Min",
    mean: "Mean",
  }),
  /** `auto`: by the metric's goal, else by its name. */
  pick: choice("Of the runs", "auto", { auto: "By its goal", highest: "Highest", lowest: "Lowest" }),
};

export type ScalarOptions = OptionsOf<typeof SCALAR_OPTIONS>;
export const scalarOptions = optionsReader(SCALAR_OPTIONS);

export interface ScalarChoice {
  readonly figure: Figure;
  readonly pick: "highest" | "lowest";
  /** `Best`, where the goal is known, else what it is: `Highest`. */
  readonly word: "Best" | "Highest" | "Lowest";
}

export function scalarChoice(
  metric: string,
  { figure, pick }: ScalarOptions,
  goal: Goal | null,
): ScalarChoice {
  const aim = directionOf(metric, goal);
  const chosen = pick === "auto" ? (aim === "maximize" ? "highest" : "lowest") : pick;
  const isBest = goal !== null && (goal === "maximize") === (chosen === "highest");
  return {
    figure: figure === "auto" ? (chosen === "highest" ? "max" : "min") : figure,
    pick: chosen,
    word: isBest ? "Best" : chosen === "highest" ? "Highest" : "Lowest",
  };
}
