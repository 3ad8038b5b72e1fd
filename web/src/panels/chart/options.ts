import { choice, inStep, optionsReader, readSwitch } from "../settings/options";

export const CHART_OPTIONS = {
  isInStep: inStep,
  /** Shows the rows of the table that the chart draws. */
  isTable: readSwitch(false),
  lineColors: choice("Line colors", "automatic", { automatic: "Automatic", run: "By run", line: "By line" }),
};

export const chartOptions = optionsReader(CHART_OPTIONS);
