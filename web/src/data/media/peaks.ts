export interface Peaks {
  /** From -1 to 0. */
  readonly lo: Float32Array;
  /** From 0 to 1. */
  readonly hi: Float32Array;
}

/**
 * The outline of a sound: its lowest and highest sample in each of some columns.
 *
 * @param channels samples from -1 to 1, as many of each channel
 */
export function peaksOf(channels: readonly Float32Array[], nColumns: number): Peaks {
  const lo = new Float32Array(nColumns);
  const hi = new Float32Array(nColumns);
  for (const samples of channels) {
    for (let column = 0; column < nColumns; column++) {
      const from = Math.floor((column * samples.length) / nColumns);
      // of a sound with fewer samples than columns, some columns share one
      const to = Math.max(from + 1, Math.floor(((column + 1) * samples.length) / nColumns));
      for (let i = from; i < to && i < samples.length; i++) {
        const value = samples[i]!;
        if (value < lo[column]!) lo[column] = value;
        if (value > hi[column]!) hi[column] = value;
      }
    }
  }
  return { lo, hi };
}
