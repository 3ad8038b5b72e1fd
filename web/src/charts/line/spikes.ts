/** A band this many times as high as those around it. */
const TIMES = 4;
/** Buckets of a block, which is compared with its neighbours. */
const BLOCK = 32;

const sorted = new Float64Array(BLOCK);

/**
 * Positions of the buckets that hold a spike, something that lasted a step or two and reached far: their extremes `lo` … `hi`
 * are far further apart than is usual around them.
 */
export function spikesOf(lo: Float64Array, hi: Float64Array): number[] {
  const spikes: number[] = [];
  for (let from = 0; from < lo.length; from += BLOCK) {
    const to = Math.min(lo.length, from + BLOCK);
    let most = 0;
    for (let i = from; i < to; i++) if (hi[i]! - lo[i]! > most) most = hi[i]! - lo[i]!;
    const starts = [from - BLOCK, from, from + BLOCK];
    // most blocks hold none, and counting is many times faster than sorting for a median
    if (!starts.every((start) => isCalm(lo, hi, start, most))) continue;
    const usual = Math.max(...starts.map((start) => medianBand(lo, hi, start)));
    for (let i = from; i < to; i++) if (hi[i]! - lo[i]! > usual * TIMES) spikes.push(i);
  }
  return spikes;
}

/** Whether a band of height `most` would be a spike next to a block's median. */
function isCalm(lo: Float64Array, hi: Float64Array, from: number, most: number): boolean {
  if (from < 0 || from >= lo.length) return true;
  const to = Math.min(lo.length, from + BLOCK);
  let nLow = 0;
  for (let i = from; i < to; i++) if ((hi[i]! - lo[i]!) * TIMES < most) nLow += 1;
  return nLow > (to - from) >> 1;
}

/** The median height of a block; 0 beyond the ends. */
function medianBand(lo: Float64Array, hi: Float64Array, from: number): number {
  if (from < 0 || from >= lo.length) return 0;
  const n = Math.min(lo.length - from, BLOCK);
  const bands = sorted.subarray(0, n);
  for (let i = 0; i < n; i++) bands[i] = hi[from + i]! - lo[from + i]!;
  return bands.sort()[n >> 1]!;
}
