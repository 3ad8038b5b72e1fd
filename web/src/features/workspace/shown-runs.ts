/**
 * Which runs are shown: the selection's rules, and changes of it. Pure.
 */

import type { RunSelection } from "./view";

/** Without a choice, this many of the newest runs are shown. */
export const NEWEST_SHOWN = 10;
/** More curves than this in one chart say nothing; the list tells how many are left out. */
export const CHART_RUNS = 100;

function isShownByBase(selection: RunSelection, index: number): boolean {
  return selection.base === "all" || (selection.base === "newest" && index < NEWEST_SHOWN);
}

/** The ids that are shown, of the listed ids in order (newest first). */
export function shownIds(listed: readonly string[], selection: RunSelection): Set<string> {
  const on = new Set(selection.on);
  const off = new Set(selection.off);
  return new Set(listed.filter((id, i) => on.has(id) || (isShownByBase(selection, i) && !off.has(id))));
}

/** The selection with one run shown or hidden. `index` is its place in the list. */
export function withRun(selection: RunSelection, id: string, index: number, isShown: boolean): RunSelection {
  const on = selection.on.filter((other) => other !== id);
  const off = selection.off.filter((other) => other !== id);
  if (isShown === isShownByBase(selection, index)) return { ...selection, on, off };
  return isShown ? { ...selection, on: [...on, id], off } : { ...selection, on, off: [...off, id] };
}

/**
 * What to ask the server for: the shown ids, but hiding one of those asked for already asks for nothing new,
 * so that showing it again draws at once.
 */
export function askedIds(before: readonly string[], shown: readonly string[]): readonly string[] {
  const known = new Set(before);
  const covers = shown.length > 0 && shown.every((id) => known.has(id));
  return covers && before.length <= CHART_RUNS ? before : [...shown].sort();
}
