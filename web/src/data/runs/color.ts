/** The colours of groups. A run has its own from the server, a number of the same palette. Pure. */

import { groupId } from "../view/view";

/** Run colours in the tokens: `--w-run-1` … `--w-run-12`. */
export const RUN_COLORS = 12;

/** By `groupId`, 1 … 12. */
export type GroupColors = Readonly<Record<string, number>>;

/**
 * The group's place among the twelve colours where nothing else is known, 1 … 12.
 *
 * Source: FNV-1a, 32 bit, then mixed (murmur3's finaliser), as ids often differ in their last letter only.
 */
function hashedColor(id: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < id.length; i++) h = Math.imul(h ^ id.charCodeAt(i), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (((h ^ (h >>> 16)) >>> 0) % RUN_COLORS) + 1;
}

/** A colour, or the first after it that is not taken; one is free. */
function nextFree(color: number, usedColors: ReadonlySet<number>): number {
  let free = color;
  while (usedColors.has(free)) free = (free % RUN_COLORS) + 1;
  return free;
}

/**
 * Colours of groups that are shown together: as far as there are twelve, each has another one.
 *
 * What is given stays. The others get their hash's colour, or the next that is free: by name, so that the
 * same groups have the same colours for everybody, in whatever order they come.
 *
 * @param ids of groups; those in `given` are among the answer, too
 */
export function groupColors(ids: readonly string[], chosen: GroupColors = {}): GroupColors {
  const colors: Record<string, number> = { ...chosen };
  const all = [...new Set(ids)].sort();
  const areFew = all.length <= RUN_COLORS;
  const usedColors = new Set(all.flatMap((id) => colors[id] ?? []));
  for (const id of all) {
    if (colors[id] !== undefined) continue;
    const color = areFew ? nextFree(hashedColor(id), usedColors) : hashedColor(id);
    usedColors.add(color);
    colors[id] = color;
  }
  return colors;
}

/** The colour of a group; of one that `colors` lacks, by its hash alone. */
export function colorOfGroup(colors: GroupColors, id: string): number {
  return colors[id] ?? hashedColor(id);
}

/** Text of the value of runs that lack it, in lists of groups. */
const MISSING = { _type: "missing" };

/** The `groupId` that lists have of these values: what runs lack is `null` elsewhere. */
export function listedGroup(values: readonly unknown[]): string {
  return groupId(values.map((value) => value ?? MISSING));
}

/** The group of a column that a run with this value is in; with several values, of the first. */
export function groupOfValue(value: unknown): string {
  return listedGroup([Array.isArray(value) ? value[0] : value]);
}

/** A run as far as its colour goes; `values` as far as they were asked for. */
export interface ColoredRun {
  /** Its own, 1 … 12. */
  readonly color: number;
  readonly values?: Readonly<Record<string, unknown>>;
}

/** The colour that a run has by its value of a column; null, or a column that was not asked for yet: its own. */
export function colorOfRun(
  { color, values }: ColoredRun,
  column: string | null,
  colors: GroupColors,
): number {
  if (column === null || !values || !(column in values)) return color;
  return colorOfGroup(colors, groupOfValue(values[column]));
}

/**
 * Other colours for runs that are shown together with one of the same colour before them, by id. Empty where each has
 * its own already, and where there are more runs than colours.
 */
export function colorsApart(
  runs: readonly { readonly id: string; readonly color: number }[],
): ReadonlyMap<string, number> {
  const apart = new Map<string, number>();
  if (runs.length > RUN_COLORS) return apart;
  const usedColors = new Set(runs.map(({ color }) => color));
  const seenColors = new Set<number>();
  for (const { id, color } of runs) {
    if (!seenColors.has(color)) {
      seenColors.add(color);
      continue;
    }
    const free = nextFree(color, usedColors);
    usedColors.add(free);
    apart.set(id, free);
  }
  return apart;
}
