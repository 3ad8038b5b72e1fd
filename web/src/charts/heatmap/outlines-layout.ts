/** Histograms of several runs at one step, on common bins. Pure. */

import { type HistogramBucket, rebinned } from "./heatmap-layout";

interface Outline {
  /** 1 … 12. */
  readonly color: number;
  /** Of the run's values, by bin, the lowest first. */
  readonly shares: Float64Array;
}

export interface OutlinesContent {
  readonly lo: number;
  readonly hi: number;
  readonly outlines: readonly Outline[];
  /** The largest share of all; above 0. */
  readonly most: number;
}

interface RunBuckets {
  readonly color: number;
  readonly buckets: readonly HistogramBucket[];
}

/** The x at which any run has a histogram, ascending. */
export function outlineXs(runs: readonly RunBuckets[]): number[] {
  return [...new Set(runs.flatMap(({ buckets }) => buckets.map(({ x }) => x)))].sort((a, b) => a - b);
}

/**
 * Of each run the last histogram at or before an x; runs that have none yet are left out. The bins are from the
 * lowest value of all steps to the highest, so that they stay where they are at another step. Null: there is none.
 */
export function layOutOutlines(
  runs: readonly RunBuckets[],
  x: number,
  nBins: number,
): OutlinesContent | null {
  const isFilled = ({ counts }: HistogramBucket) => counts.some((n) => n > 0);
  const edges = runs.flatMap(({ buckets }) => buckets.filter(isFilled).map((bucket) => bucket.edges));
  if (edges.length === 0) return null;
  const lo = edges.reduce((least, each) => Math.min(least, each[0]!), Number.POSITIVE_INFINITY);
  const hi = edges.reduce((most, each) => Math.max(most, each[each.length - 1]!), Number.NEGATIVE_INFINITY);
  const outlines = runs.flatMap(({ color, buckets }): Outline[] => {
    const bucket = buckets.findLast((candidate) => candidate.x <= x && isFilled(candidate));
    if (!bucket) return [];
    const n = bucket.counts.reduce((sum, count) => sum + count, 0);
    return [{ color, shares: rebinned(bucket, lo, hi, nBins).map((count) => count / n) }];
  });
  const most = outlines.reduce((most, { shares }) => shares.reduce((a, b) => Math.max(a, b), most), 0);
  return { lo, hi, outlines, most: most || 1 };
}
