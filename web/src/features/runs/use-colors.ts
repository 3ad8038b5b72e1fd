/**
 * The colours of a page's runs and groups: a run's own, or by the value of the column that the view colours by.
 */

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { type GroupsRequest, groupsQuery, innermostQuery, type RunGroup } from "@/api/runs/groups";
import type { ProjectRef } from "@/api/types";
import { type ColoredRun, colorOfGroup, colorOfRun, type GroupColors, groupColors } from "@/data/runs/color";
import { isGroupShown } from "@/data/runs/shown-runs";
import { groupId } from "@/data/view/view";
import { useView } from "../view/view-store";

/** More values than colours: which they are matters no more. */
const COLORED_VALUES = 13;
/** Of each level; the colour of a group beyond follows from its name alone. */
const COLORED_GROUPS = 100;
const NO_VALUES: readonly RunGroup[] = [];
const NO_GROUPS: readonly (readonly unknown[])[] = [];

export interface RunColors {
  /** Of the outermost groups listed, of the innermost, which charts draw, and of those that a person gave one. */
  readonly groupColors: GroupColors;
  /** The groups that charts draw, with their colours: the innermost that are shown. */
  readonly drawnGroups: readonly { readonly id: string; readonly color: number }[];
  /** Stable while no colour changes. */
  colorOf(run: ColoredRun): number;
}

/** @param groups the outermost ones of the list that `listed` asks for */
export function useColors(
  project: ProjectRef,
  groups: readonly RunGroup[],
  listed: GroupsRequest,
): RunColors {
  const chosen = useView((view) => view.groupColors);
  const colorBy = useView((view) => view.colorBy);
  const request = {
    filter: "",
    search: "",
    isRegex: false,
    by: colorBy === null ? [] : [colorBy],
    aggregates: [],
    groupOrder: [],
  };
  // of the whole project: a filter gives no run another colour
  const page = useQuery({
    ...groupsQuery(project, request, [], COLORED_VALUES),
    enabled: colorBy !== null,
  }).data;
  const isNested = listed.by.length > 1;
  const innermost = useQuery({
    ...innermostQuery(project, listed, COLORED_GROUPS),
    enabled: isNested,
    placeholderData: keepPreviousData,
  }).data;
  const inner = (isNested && innermost) || NO_GROUPS;
  const values = (colorBy !== null && page?.groups) || NO_VALUES;
  const selection = useView((view) => view.selection);
  const hiddenGroups = useView((view) => view.hiddenGroups);
  const shownGroups = useView((view) => view.shownGroups);
  const drawn = useMemo(() => {
    const order = groups.map(({ values }) => groupId(values.slice(0, 1)));
    const leaves = isNested ? inner : groups.map((group) => group.values);
    const isDrawn = (of: readonly unknown[]) => {
      const index = order.indexOf(groupId(of.slice(0, 1)));
      return isGroupShown({ selection, hiddenGroups, shownGroups }, of, index < 0 ? order.length : index);
    };
    return leaves.filter(isDrawn).map(groupId);
  }, [groups, inner, isNested, selection, hiddenGroups, shownGroups]);
  // by the columns grouped by: what a group has, it keeps while the page lives
  const [earlier] = useState(() => new Map<string, GroupColors>());
  const by = JSON.stringify(listed.by);
  return useMemo(() => {
    const ofValues = groupColors(
      values.map((group) => groupId(group.values)),
      chosen,
    );
    const leaves = isNested ? inner.map(groupId) : groups.map((group) => groupId(group.values));
    // those that are drawn together come first
    const ofLeaves = groupColors([...drawn, ...leaves], ofValues, earlier.get(by) ?? {});
    earlier.set(by, ofLeaves);
    const colors = groupColors(
      groups.map((group) => groupId(group.values)),
      ofLeaves,
    );
    return {
      groupColors: colors,
      drawnGroups: drawn.map((id) => ({ id, color: colorOfGroup(colors, id) })),
      colorOf: (run) => colorOfRun(run, colorBy, colors),
    };
  }, [chosen, colorBy, groups, inner, isNested, values, drawn, earlier, by]);
}
