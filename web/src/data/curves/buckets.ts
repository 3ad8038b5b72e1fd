/** The number of buckets of a plot's curves. Pure. */

/** Widths are rounded up to this many buckets, so that dragging an edge does not ask at each px. */
const BUCKET_STEP = 100;
/**
 * Of more runs than these a bucket is two, and four px wide: their curves lie over each other, and half as much
 * comes over the wire. Spikes stay, as a bucket has its least and its greatest value.
 */
const MANY_RUNS = [50, 400];

/** Px of a plot at whose resolution the ends of smoothed curves are read, and curves are stored, however wide it is. */
export const FIXED_PX = 1000;

export function bucketsOf(widthPx: number, nRuns: number): number {
  const px = 2 ** MANY_RUNS.filter((many) => nRuns > many).length;
  return Math.max(BUCKET_STEP, Math.ceil(widthPx / px / BUCKET_STEP) * BUCKET_STEP);
}
