/**
 * The runs that charts show: the selection's rules for runs and groups, and changes of them. Pure.
 *
 * A base says what is shown where nothing else is said; groups may differ from it, inner ones from the outer,
 * and runs from their group.
 */

import { type FilterTree, filterText, groupCondition } from "../filter/tree";
import { FIRST_SHOWN } from "../lists.gen";
import { groupId, type RunSelection } from "../view/view";

/** Without a choice, this many of the first runs, or groups, of the list are shown, and as many running runs. */
export { FIRST_SHOWN };
/** Runs that charts draw; the list tells how many are left out. */
export const CHART_RUNS = 1000;
/** The way to the runs that charts leave out. */
export const OTHER_RUNS = "Sort, filter or hide runs in the list to draw others.";

/** The part of a view that decides which runs are shown. */
export interface Shown {
  readonly selection: RunSelection;
  readonly hiddenGroups: readonly string[];
  readonly shownGroups: readonly string[];
}

function isShownByBase({ base }: RunSelection, index: number): boolean {
  return base === "all" || (base === "newest" && index < FIRST_SHOWN);
}

/** Whether a group's eye is open; `index` is the place of its outermost group in the list. */
export function isGroupShown(shown: Shown, values: readonly unknown[], index: number): boolean {
  for (let depth = values.length; depth > 0; depth--) {
    const id = groupId(values.slice(0, depth));
    if (shown.hiddenGroups.includes(id)) return false;
    if (shown.shownGroups.includes(id)) return true;
  }
  return isShownByBase(shown.selection, index);
}

/** Whether a run's eye is open; `isByDefault`: whether its group's is, or its place in the list says so. */
export function isRunShown({ on, off }: RunSelection, id: string, isByDefault: boolean): boolean {
  return on.includes(id) || (isByDefault && !off.includes(id));
}

/** Whether a run is shown by its place in a list without groups, or because it is running. */
export function isShownByIndex(selection: RunSelection, index: number, isRunning: boolean): boolean {
  return isShownByBase(selection, index) || (isRunning && selection.base === "newest");
}

/**
 * The shown runs of a list without groups, from its first rows; null: others may be shown, too.
 *
 * @param total runs in the list
 * @param running ids that are shown because they run
 */
export function shownAmong<R extends { readonly id: string }>(
  first: readonly R[],
  total: number,
  running: ReadonlySet<string>,
  selection: RunSelection,
): readonly R[] | null {
  const ids = new Set(first.map(({ id }) => id));
  const byId = selection.base === "newest" ? [...selection.on, ...running] : selection.on;
  const isWhole = first.length === total || (selection.base !== "all" && byId.every((id) => ids.has(id)));
  if (!isWhole) return null;
  return first.filter(({ id }, i) =>
    isRunShown(selection, id, isShownByIndex(selection, i, running.has(id))),
  );
}

/**
 * The runs that are shown because they run: the first that run now, then those that ran a moment ago, so that
 * no curve leaves when its run ends.
 */
export function runningShown(now: readonly string[], before: readonly string[]): readonly string[] {
  return [...new Set([...now, ...before])].slice(0, FIRST_SHOWN);
}

/** The selection with some runs shown or hidden; `isByDefault` as in `isRunShown`. */
export function withRuns(
  selection: RunSelection,
  ids: readonly string[],
  isShown: boolean,
  isByDefault: boolean | null = null,
): RunSelection {
  const idSet = new Set(ids);
  const on = selection.on.filter((id) => !idSet.has(id));
  const off = selection.off.filter((id) => !idSet.has(id));
  if (isShown === isByDefault) return { ...selection, on, off };
  return isShown ? { ...selection, on: [...on, ...ids], off } : { ...selection, on, off: [...off, ...ids] };
}

/** The selection with some runs as another one has them. */
export function withRunsAs(
  selection: RunSelection,
  ids: readonly string[],
  other: RunSelection,
): RunSelection {
  const idSet = new Set(ids);
  const joined = (now: readonly string[], then: readonly string[]) => [
    ...now.filter((id) => !idSet.has(id)),
    ...then.filter((id) => idSet.has(id)),
  ];
  return { ...selection, on: joined(selection.on, other.on), off: joined(selection.off, other.off) };
}

/** These runs and no others. */
export function onlyRuns(ids: readonly string[]): Shown {
  return { selection: { base: "none", on: ids, off: [] }, hiddenGroups: [], shownGroups: [] };
}

/** A group shown or hidden with all that is in it. `index` as in `isGroupShown`. */
export function withGroup(
  shown: Shown,
  values: readonly unknown[],
  index: number,
  isOn: boolean,
): Pick<Shown, "hiddenGroups" | "shownGroups"> {
  const id = groupId(values);
  const inside = `${id.slice(0, -1)},`;
  const isOutside = (other: string) => other !== id && !other.startsWith(inside);
  const hiddenGroups = shown.hiddenGroups.filter(isOutside);
  const shownGroups = shown.shownGroups.filter(isOutside);
  if (isGroupShown({ ...shown, hiddenGroups, shownGroups }, values, index) === isOn)
    return { hiddenGroups, shownGroups };
  return isOn
    ? { hiddenGroups, shownGroups: [...shownGroups, id] }
    : { hiddenGroups: [...hiddenGroups, id], shownGroups };
}

/** The list as far as it says what is shown by default. */
export type FirstOfList =
  | { readonly by: readonly []; readonly ids: readonly string[]; readonly running: ReadonlySet<string> }
  | { readonly by: readonly string[]; readonly groups: readonly (readonly unknown[])[] };

const NONE: FilterTree = { or: [] };
const ALL: FilterTree = { and: [] };

function oneOf(trees: readonly FilterTree[]): FilterTree {
  return trees.length === 1 ? trees[0]! : { or: trees };
}

function idsIn(ids: readonly string[]): FilterTree {
  return ids.length === 0 ? NONE : { column: "id", op: "in", value: ids };
}

/** A filter that holds for shown runs, to be joined with the list's own; null: no run is shown. */
export function shownFilter(shown: Shown, list: FirstOfList): string | null {
  const { base, on, off } = shown.selection;
  let tree: FilterTree;
  if ("ids" in list)
    tree =
      base === "all"
        ? ALL
        : base === "none"
          ? NONE
          : idsIn([...new Set([...list.ids.slice(0, FIRST_SHOWN), ...list.running])]);
  else tree = groupsShown(shown, list.by, list.groups);
  if (off.length > 0 && !isNone(tree)) {
    const isOn = { not: idsIn(off) };
    tree = isAll(tree) ? isOn : { and: [tree, isOn] };
  }
  if (on.length > 0 && !isAll(tree)) tree = isNone(tree) ? idsIn(on) : { or: [tree, idsIn(on)] };
  return isNone(tree) ? null : filterText(tree);
}

function isNone(tree: FilterTree): boolean {
  return "or" in tree && tree.or.length === 0;
}

function isAll(tree: FilterTree): boolean {
  return "and" in tree && tree.and.length === 0;
}

function groupsShown(
  { selection: { base }, hiddenGroups, shownGroups }: Shown,
  by: readonly string[],
  groups: readonly (readonly unknown[])[],
): FilterTree {
  const first = groups.slice(0, FIRST_SHOWN);
  const conditions = (ids: readonly (readonly unknown[])[]) =>
    ids.map((values) => groupCondition(by, values)).filter((condition) => condition !== null);
  let tree: FilterTree =
    base === "all" || (base === "newest" && groups.length <= FIRST_SHOWN)
      ? ALL
      : base === "none"
        ? NONE
        : oneOf(conditions(first));
  const atDepth = (ids: readonly string[], depth: number) =>
    conditions(ids.map((id) => JSON.parse(id) as unknown[]).filter((values) => values.length === depth));
  for (let depth = 1; depth <= by.length; depth++) {
    const hidden = atDepth(hiddenGroups, depth);
    const others = atDepth(shownGroups, depth);
    if (hidden.length > 0 && !isNone(tree)) {
      const isOut = { not: oneOf(hidden) };
      tree = isAll(tree) ? isOut : { and: [tree, isOut] };
    }
    if (others.length > 0 && !isAll(tree)) tree = isNone(tree) ? oneOf(others) : { or: [tree, ...others] };
  }
  return tree;
}
