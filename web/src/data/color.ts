/**
 * The colour of a run: one of twelve by hash of its id, so that it is the same in every page and filter;
 * of the runs that are first seen together each gets another one.
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

/**
 * Colours for runs that are seen together: of a few runs the hash alone gives two or three the same.
 *
 * What is given stays. A run without one gets its hash's colour, or the next that none of the others has;
 * oldest first, so that a new run makes way and not those that are known by their colour.
 *
 * @param ids newest first
 * @param given colours that runs have already
 * @returns colours of the ids that were not in `given`; none when there are more runs than colours
 */
export function spreadColors(
  ids: readonly string[],
  given: Readonly<Record<string, number>>,
): Record<string, number> {
  const fresh: Record<string, number> = {};
  if (ids.length < 2 || ids.length > RUN_COLORS) return fresh;
  const taken = new Set(ids.map((id) => given[id]));
  for (const id of [...ids].reverse()) {
    if (given[id] !== undefined) continue;
    let color = colorOf(id);
    while (taken.has(color)) color = (color % RUN_COLORS) + 1;
    taken.add(color);
    fresh[id] = color;
  }
  return fresh;
}
