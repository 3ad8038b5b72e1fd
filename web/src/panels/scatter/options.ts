import { choice, column, optionsReader, scope, toggle } from "../settings/options";

const SCALES = { auto: "Auto", linear: "Linear", log: "Log", category: "Side by side" };

export const SCATTER_OPTIONS = {
  /** Null: a parameter that varies and that most runs have. */
  x: column("X"),
  /** Null: the summary of the panel's metric, else of the project's key metric. */
  y: column("Y"),
  tint: column("Color", "each run its own"),
  xScale: choice("X scale", "auto", SCALES),
  yScale: choice("Y scale", "auto", SCALES),
  hasFit: toggle("Regression", "A straight line by least squares, as the axes show it"),
  scope: scope("shown"),
};

export const scatterOptions = optionsReader(SCATTER_OPTIONS);
