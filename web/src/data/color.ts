/**
 * The colour of a run: one of twelve by hash of its id, so that it is the same in every page and filter.
 */

/** Run colours in the tokens: `--w-run-1` … `--w-run-12`. */
export const RUN_COLORS = 12;

/**
 * The run's place among the twelve colours, 1 … 12.
 *
 * Source: FNV-1a, 32 bit, then mixed (murmur3's finaliser), as ids often differ in their last letter only.
 */
export function colorOf(runId: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < runId.length; i++) h = Math.imul(h ^ runId.charCodeAt(i), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (((h ^ (h >>> 16)) >>> 0) % RUN_COLORS) + 1;
}
