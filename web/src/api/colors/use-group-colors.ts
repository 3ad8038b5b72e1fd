/** The colours of groups, the same whatever a filter or a search leaves of a list. */

import { useMemo, useState } from "react";
import { GROUP_COLORS, type GroupColors, groupColors } from "@/data/runs/color";
import { useOptionalQuery } from "../optional-query";
import { groupsByAgeQuery } from "../runs/groups";
import type { ProjectRef } from "../types";

const NO_IDS: readonly string[] = [];
const NO_COLORS: GroupColors = {};

/**
 * The colours of the project's groups by some columns, of `groups`, and those in `chosen`, which stay.
 *
 * As far as the project has no more groups than there are colours, they follow from the groups alone, for everybody. Of more,
 * `groups` differ from each other as far as they can, those at the beginning first, and keep what they have while the page lives.
 *
 * @param by null or empty: there are no groups
 * @param groups ids of those that are listed or drawn; the same array while they are
 */
export function useGroupColors(
  project: ProjectRef,
  by: readonly string[] | null,
  groups: readonly string[],
  chosen: GroupColors = NO_COLORS,
): GroupColors {
  const isGrouped = by !== null && by.length > 0;
  const ids = useOptionalQuery(isGrouped ? groupsByAgeQuery(project, by) : null)?.data ?? NO_IDS;
  const [earlier] = useState(() => new Map<string, GroupColors>());
  const columns = JSON.stringify(by);
  return useMemo(() => {
    const colors = groupColors([...ids, ...groups], chosen);
    if (ids.length <= GROUP_COLORS) return colors;
    const apart = groupColors(groups, { ...earlier.get(columns), ...chosen }, colors);
    const isOwn = ([id]: readonly [string, number]) => chosen[id] === undefined;
    earlier.set(columns, Object.fromEntries(Object.entries(apart).filter(isOwn)));
    return { ...colors, ...apart };
  }, [ids, groups, chosen, earlier, columns]);
}
