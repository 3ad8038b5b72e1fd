/** A metric's histograms over steps as ridges, one behind the other. Pure. */

import type { HeatMap } from "./heatmap-layout";

/** The histograms of some neighbouring columns, as their mean. */
export interface Ridge {
  /** Of the columns: the first, and the one after the last. */
  readonly from: number;
  readonly to: number;
  /** By bin, the lowest first. */
  readonly cells: Float64Array;
}

export interface Ridgeline {
  /** The first steps first. */
  readonly ridges: readonly Ridge[];
  /** Of all cells; above 0. */
  readonly most: number;
}

/** At most `nRidges`: each is the mean of as many columns as the others, so that no histogram is left out. */
export function layOutRidges({ columns, nBins }: HeatMap, nRidges: number): Ridgeline {
  const n = Math.max(1, Math.min(nRidges, columns.length));
  const ridges = Array.from({ length: n }, (_, i): Ridge => {
    const from = Math.round((i * columns.length) / n);
    const to = Math.round(((i + 1) * columns.length) / n);
    const cells = new Float64Array(nBins);
    for (const column of columns.slice(from, to))
      for (let bin = 0; bin < nBins; bin++) cells[bin] = cells[bin]! + column.cells[bin]! / (to - from);
    return { from, to, cells };
  });
  const most = ridges.reduce((most, { cells }) => cells.reduce((a, b) => Math.max(a, b), most), 0);
  return { ridges, most: most || 1 };
}

/** The place of the ridge that has a column, or -1. */
export function ridgeOf({ ridges }: Ridgeline, column: number): number {
  return ridges.findIndex(({ from, to }) => column >= from && column < to);
}
