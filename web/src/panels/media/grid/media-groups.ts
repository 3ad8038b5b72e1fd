/** The contents of a media panel, run by run. Pure. */

import type { MediaItem, MediaSeries } from "@/api/files/media";
import { baseName } from "@/data/files/base-name";
import type { PanelRun } from "../../panel-props";

/** The media of one metric of one run at the panel's step. */
export interface MediaGroup {
  readonly run: PanelRun;
  readonly key: string;
  /** At which step they were logged; null: there is nothing up to the panel's step. */
  readonly step: number | null;
  readonly items: readonly MediaItem[];
  /** Also those beyond the answer. */
  readonly nItems: number;
}

/** What an item is called: its caption, or its file. */
export function nameOf({ caption, file }: MediaItem): string {
  return caption ?? baseName(file.path);
}

/** One of the items: the place of its group, and its own in the group. */
export interface MediaSpot {
  readonly group: number;
  readonly item: number;
}

/**
 * A group for each run and key with any media, in the order of the runs.
 *
 * @param last what each has at its last step
 * @param atStep what each has at the panel's step
 */
export function mediaGroups(
  runs: readonly PanelRun[],
  keys: readonly string[],
  last: readonly MediaSeries[],
  atStep: readonly MediaSeries[],
): MediaGroup[] {
  const byName = (series: readonly MediaSeries[]) =>
    new Map(series.map((entry) => [JSON.stringify([entry.run, entry.key]), entry]));
  const having = byName(last);
  const here = byName(atStep);
  return runs.flatMap((run) =>
    keys.flatMap((key) => {
      const name = JSON.stringify([run.id, key]);
      const entry = here.get(name);
      if (!having.has(name) && !entry) return [];
      return [
        { run, key, step: entry?.step ?? null, items: entry?.items ?? [], nItems: entry?.n_items ?? 0 },
      ];
    }),
  );
}

/** The next item in a direction, within the group and then in the next one that has any; null: there is none. */
export function nextItem(groups: readonly MediaGroup[], spot: MediaSpot, by: 1 | -1): MediaSpot | null {
  const within = spot.item + by;
  if (groups[spot.group]?.items[within]) return { ...spot, item: within };
  const group = nextGroup(groups, spot.group, by);
  if (group === null) return null;
  return { group, item: by > 0 ? 0 : groups[group]!.items.length - 1 };
}

/** The same place in the same metric of the next run that has any items of it; null: no run has. */
export function nextRun(groups: readonly MediaGroup[], spot: MediaSpot, by: 1 | -1): MediaSpot | null {
  const own = groups[spot.group];
  const group = nextGroup(
    groups,
    spot.group,
    by,
    ({ run, key }) => run.id !== own?.run.id && key === own?.key,
  );
  if (group === null) return null;
  return { group, item: Math.min(spot.item, groups[group]!.items.length - 1) };
}

/**
 * What stands next to an item when several are compared: those of the other runs, else of its own list; from the
 * one that follows, and from the first after the last.
 */
export function followingItems(
  groups: readonly MediaGroup[],
  spot: MediaSpot,
  most: number,
): { readonly group: MediaGroup; readonly item: MediaItem }[] {
  const own = groups[spot.group];
  const others = after(groups, spot.group).filter(({ items }) => items.length > 0);
  const following =
    others.length > 0
      ? others.map((group) => ({ group, item: group.items[Math.min(spot.item, group.items.length - 1)]! }))
      : own
        ? after(own.items, spot.item).map((item) => ({ group: own, item }))
        : [];
  return following.slice(0, most);
}

/** The others of a list, from the one after a place on. */
function after<T>(list: readonly T[], index: number): T[] {
  return [...list.slice(index + 1), ...list.slice(0, index)];
}

function nextGroup(
  groups: readonly MediaGroup[],
  from: number,
  by: 1 | -1,
  isFitting: (group: MediaGroup) => boolean = () => true,
): number | null {
  for (let at = from + by; at >= 0 && at < groups.length; at += by) {
    const group = groups[at]!;
    if (group.items.length > 0 && isFitting(group)) return at;
  }
  return null;
}
