/** A band this many times as high as those around it. */
const TIMES = 4;
/** Buckets of a block, which is compared with its neighbours. */
const BLOCK = 32;

/**
 * Positions of the buckets that hold a spike, something that lasted a step or two and reached far: their extremes `lo` … `hi`
 * are far further apart than is usual around them.
 */
export function spikesOf(lo: Float64Array, hi: Float64Array): number[] {
  const medians: number[] = [];
  for (let from = 0; from < lo.length; from += BLOCK) {
    const to = Math.min(lo.length, from + BLOCK);
    const bands = new Float64Array(to - from);
    for (let i = from; i < to; i++) bands[i - from] = hi[i]! - lo[i]!;
    bands.sort();
    medians.push(bands[bands.length >> 1]!);
  }
  const spikes: number[] = [];
  for (let i = 0; i < lo.length; i++) {
    const block = Math.floor(i / BLOCK);
    const usual = Math.max(medians[block]!, medians[block - 1] ?? 0, medians[block + 1] ?? 0);
    if (hi[i]! - lo[i]! > usual * TIMES) spikes.push(i);
  }
  return spikes;
}
