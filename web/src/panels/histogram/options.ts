/**
 * What only a histogram panel has. Pure.
 */

import type { Panel } from "@/data/view/panel";
import { numberOption, textOption } from "../over-runs/options";

export interface HistogramOptions {
  /** Whose histograms; null, or a run that is not shown: the first shown run that has some. */
  readonly run: string | null;
  /** Of the heat map, from the lowest value to the highest. */
  readonly nBins: number;
}

const BINS = 56;
const LEAST_BINS = 8;
const MOST_BINS = 256;

export function histogramOptions({ options }: Panel): HistogramOptions {
  const nBins = Math.round(numberOption(options, "nBins") ?? BINS);
  return { run: textOption(options, "run"), nBins: Math.max(LEAST_BINS, Math.min(MOST_BINS, nBins)) };
}
