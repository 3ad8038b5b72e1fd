import { choice, column, type OptionsOf, optionsReader, scope, texts } from "../settings/options";

export const IMPORTANCE_OPTIONS = {
  /** Null: the summary of the panel's metric, else of the project's key metric. */
  target: column("Result", null, true),
  /** Columns; empty: all parameters that vary. */
  parameters: texts,
  order: choice("Order", "importance", { importance: "Importance", correlation: "Correlation" }),
  measure: choice("Measure", "variance", { variance: "fANOVA", permutation: "Permutation" }),
  scope: scope("listed"),
};

export type ImportanceOptions = OptionsOf<typeof IMPORTANCE_OPTIONS>;
export const importanceOptions = optionsReader(IMPORTANCE_OPTIONS);
