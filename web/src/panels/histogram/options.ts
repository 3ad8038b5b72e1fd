/**
 * Options of a histogram panel. Pure.
 */

import type { Panel } from "@/data/view/panel";
import { numberOption, textOption } from "../over-runs/options";

export type HistogramLook = "heat" | "ridges";

export const HISTOGRAM_LOOKS: readonly { readonly value: HistogramLook; readonly label: string }[] = [
  { value: "heat", label: "Heat map" },
  { value: "ridges", label: "Ridgeline" },
];

export interface HistogramOptions {
  /** Run of the histograms; null, or a run that is not shown: the first shown run that has some. */
  readonly run: string | null;
  readonly look: HistogramLook;
  /** From the lowest value to the highest. */
  readonly nBins: number;
}

const BINS = 56;
const LEAST_BINS = 8;
const MOST_BINS = 256;

export function histogramOptions({ options }: Panel): HistogramOptions {
  const nBins = Math.round(numberOption(options, "nBins") ?? BINS);
  return {
    run: textOption(options, "run"),
    look: textOption(options, "look") === "ridges" ? "ridges" : "heat",
    nBins: Math.max(LEAST_BINS, Math.min(MOST_BINS, nBins)),
  };
}
