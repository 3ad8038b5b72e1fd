/**
 * Options of a scalar card, and the value it shows. Pure.
 */

import type { Figure } from "@/api/metrics/metric-figures";
import type { Panel } from "@/data/view/panel";
import { choiceOption } from "../over-runs/options";

const FIGURES = ["auto", "latest", "max", "min", "mean"] as const;
const PICKS = ["auto", "highest", "lowest"] as const;

export interface ScalarOptions {
  /** Of each run; `auto`: the best of its points. */
  readonly figure: Figure | "auto";
  /** Of the runs; `auto`: by the metric's goal, else by its name. */
  readonly pick: (typeof PICKS)[number];
}

export function scalarOptions({ options }: Panel): ScalarOptions {
  return {
    figure: choiceOption(options, "figure", FIGURES, "auto"),
    pick: choiceOption(options, "pick", PICKS, "auto"),
  };
}

export type Goal = "minimize" | "maximize";

/** Metrics that fall while training goes well. */
const FALLING = /(loss|err(or)?|perplexity|ppl|wer|cer|mse|mae|rmse|fid|latency|time)\b/i;

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
  const aim = goal ?? (FALLING.test(metric) ? "minimize" : "maximize");
  const chosen = pick === "auto" ? (aim === "maximize" ? "highest" : "lowest") : pick;
  const isBest = goal !== null && (goal === "maximize") === (chosen === "highest");
  return {
    figure: figure === "auto" ? (chosen === "highest" ? "max" : "min") : figure,
    pick: chosen,
    word: isBest ? "Best" : chosen === "highest" ? "Highest" : "Lowest",
  };
}
