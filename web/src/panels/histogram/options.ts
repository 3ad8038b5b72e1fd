import { choice, optionsReader, text, whole } from "../settings/options";

export const HISTOGRAM_OPTIONS = {
  /** Run of the histograms; null, or a run that is not shown: the first shown run that has some. */
  run: text,
  look: choice("Drawn as", "heat", { heat: "Heat map", ridges: "Ridgeline", runs: "All runs, one step" }),
  /** From the lowest value to the highest. */
  nBins: whole("Bins", 56, 8, 256),
};

export const histogramOptions = optionsReader(HISTOGRAM_OPTIONS);
