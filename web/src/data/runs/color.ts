/** The colours of groups. A run has its own from the server, a number of the same palette. Pure. */

import { groupId } from "../view/view";

/** Run colours in the tokens: `--w-run-1` … `--w-run-12`. */
export const RUN_COLORS = 12;

/** With a darker one of each hue, for groups beyond twelve. */
export const GROUP_COLORS = 2 * RUN_COLORS;

/** By `groupId`, 1 … 24. */
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

/** A colour, or the first after it that is not taken; one of `nColors` is free. */
function nextFree(color: number, usedColors: ReadonlySet<number>, nColors = RUN_COLORS): number {
  let free = color;
  while (usedColors.has(free)) free = (free % nColors) + 1;
  return free;
}

/** The colour that fewest groups have; of several the first of the hues from `color` on, then of the darker ones. */
function rarest(color: number, nGroups: readonly number[]): number {
  let best = color;
  for (let i = 1; i < GROUP_COLORS; i++) {
    const isDarker = i >= RUN_COLORS;
    const next = ((color - 1 + i) % RUN_COLORS) + 1 + (isDarker ? RUN_COLORS : 0);
    if ((nGroups[next] ?? 0) < (nGroups[best] ?? 0)) best = next;
  }
  return best;
}

/**
 * The colours of groups, one after the other: each gets the colour of its hash, or else one that fewest of the groups have. So as far
 * as there are 24, each has another one, the first twelve in the usual hues, and groups that come last change none.
 *
 * @param fixed colours that stay; they are in the answer, too
 * @param preferred colours to begin with in place of those of the hashes
 */
export function groupColors(
  ids: readonly string[],
  fixed: GroupColors = {},
  preferred: GroupColors = {},
): GroupColors {
  const colors: Record<string, number> = { ...fixed };
  const all = [...new Set(ids)];
  const nGroups = new Array<number>(GROUP_COLORS + 1).fill(0);
  for (const id of all) if (colors[id] !== undefined) nGroups[colors[id]]! += 1;
  for (const id of all) {
    if (colors[id] !== undefined) continue;
    const color = rarest(colorOfGroup(preferred, id), nGroups);
    nGroups[color]! += 1;
    colors[id] = color;
  }
  return colors;
}

/** The colour of a group; of one that `colors` lacks, by its hash alone. */
export function colorOfGroup(colors: GroupColors, id: string): number {
  return colors[id] ?? hashedColor(id);
}

/** The value of a group whose runs have none. */
const MISSING = { _type: "missing" };

/** A run with the values that it is grouped by. */
export interface GroupedRun {
  /** By column; null where the run has none. */
  readonly values: Readonly<Record<string, unknown>>;
  /** Columns whose null is the run's value. */
  readonly nulls?: readonly string[] | undefined;
}

/** A run's value of a column as groups have it: a null, or a value that stands for none. */
function groupValueOf({ values, nulls }: GroupedRun, column: string): unknown {
  return values[column] ?? (nulls?.includes(column) ? null : MISSING);
}

/** The groups of a column that a run is in: one for each tag or value of a label. */
export function groupValuesOf(run: GroupedRun, column: string): readonly unknown[] {
  const value = groupValueOf(run, column);
  if (!Array.isArray(value) || !(column === "tags" || column.startsWith("writer."))) return [value];
  return value.length > 0 ? value : [MISSING];
}

/** The group of some columns that a run is in; with several values of one, of the first. */
export function groupOfRun(run: GroupedRun, by: readonly string[]): string {
  return groupId(by.map((column) => groupValuesOf(run, column)[0]));
}

/** A run as far as its colour goes; `values` as far as they were asked for. */
export interface ColoredRun extends Partial<GroupedRun> {
  /** Its own, 1 … 12. */
  readonly color: number;
}

/**
 * The columns whose values colour runs: one that was chosen, else those of the list's groups, so that a run has the colour of the
 * group that charts draw; none: each run has its own.
 */
export function coloringColumns(colorBy: string | null, groupBy: readonly string[]): readonly string[] {
  return colorBy === null ? groupBy : [colorBy];
}

/** The colour that a run has by its values of some columns; of none, or of columns that were not asked for yet: its own. */
export function colorOfRun(
  { color, values, nulls }: ColoredRun,
  by: readonly string[],
  colors: GroupColors,
): number {
  if (by.length === 0 || !values || !by.every((column) => column in values)) return color;
  return colorOfGroup(colors, groupOfRun({ values, nulls }, by));
}

/**
 * Other colours for runs, or groups, that are shown together with one of the same colour before them, by id. Empty where
 * each has its own already, and where there are more than colours.
 */
export function colorsApart(
  runs: readonly { readonly id: string; readonly color: number }[],
  nColors = RUN_COLORS,
): ReadonlyMap<string, number> {
  const apart = new Map<string, number>();
  if (runs.length > nColors) return apart;
  const usedColors = new Set(runs.map(({ color }) => color));
  const seenColors = new Set<number>();
  for (const { id, color } of runs) {
    if (!seenColors.has(color)) {
      seenColors.add(color);
      continue;
    }
    const free = nextFree(color, usedColors, runs.length > RUN_COLORS ? nColors : RUN_COLORS);
    usedColors.add(free);
    apart.set(id, free);
  }
  return apart;
}

/** The runs with different colours as far as there are colours: the first of one colour keeps it. */
export function withDistinctColors<R extends { readonly id: string; readonly color: number }>(
  runs: readonly R[],
): readonly R[] {
  const colors = colorsApart(runs);
  return runs.map((run) => ({ ...run, color: colors.get(run.id) ?? run.color }));
}
