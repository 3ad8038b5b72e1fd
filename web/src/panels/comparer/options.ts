import { choice, type OptionsOf, optionsReader, toggle } from "../settings/options";

export const COMPARER_OPTIONS = {
  /** The shown runs side by side, or the newest of them and the last good run before it. */
  against: choice("Compare", "shown", { shown: "Shown runs", good: "Since last good run" }),
  hidesEqual: toggle("Equal rows", "Fold away what is equal in all runs", true),
};

export type ComparerOptions = OptionsOf<typeof COMPARER_OPTIONS>;
export const comparerOptions = optionsReader(COMPARER_OPTIONS);
