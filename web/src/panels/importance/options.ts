/**
 * Options of a panel of parameter importance. Pure.
 */

import { MEASURES, type Measure } from "@/data/statistics/parameters";
import type { Panel } from "@/data/view/panel";
import { choiceOption, textOption, textsOption } from "../over-runs/options";
import type { Scope } from "../over-runs/use-run-rows";

const ORDERS = ["importance", "correlation"] as const;

export interface ImportanceOptions {
  /** A column with numbers; null: the summary of the panel's metric. */
  readonly target: string | null;
  /** Columns; empty: all parameters that vary. */
  readonly parameters: readonly string[];
  readonly order: (typeof ORDERS)[number];
  readonly measure: Measure;
  readonly scope: Scope;
}

export function importanceOptions({ options }: Panel): ImportanceOptions {
  return {
    target: textOption(options, "target"),
    parameters: textsOption(options, "parameters"),
    order: choiceOption(options, "order", ORDERS, "importance"),
    measure: choiceOption(options, "measure", MEASURES, "variance"),
    scope: choiceOption(options, "scope", ["shown", "listed"], "listed"),
  };
}
