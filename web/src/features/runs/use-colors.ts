/**
 * The colours of a page's runs and groups: a run's own, or by the value of the column that the view colours by.
 */

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useGroupColors } from "@/api/colors/use-group-colors";
import { type GroupsRequest, innermostQuery, type RunGroup } from "@/api/runs/groups";
import type { ProjectRef } from "@/api/types";
import {
  type ColoredRun,
  coloringColumns,
  colorOfGroup,
  colorOfRun,
  type GroupColors,
} from "@/data/runs/color";
import { isGroupShown } from "@/data/runs/shown-runs";
import { groupId } from "@/data/view/view";
import { useView } from "../view/view-store";

/** Innermost groups that are listed, on each level. */
const LISTED_GROUPS = 100;
const NO_GROUPS: readonly (readonly unknown[])[] = [];
const NO_IDS: readonly string[] = [];

export interface RunColors {
  /** Of the innermost groups, which charts draw, of the values that runs are coloured by, and of those that a person gave one. */
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
  const isNested = listed.by.length > 1;
  const innermost = useQuery({
    ...innermostQuery(project, listed, LISTED_GROUPS),
    enabled: isNested,
    placeholderData: keepPreviousData,
  }).data;
  const leaves = useMemo(
    () => (isNested ? (innermost ?? NO_GROUPS) : groups.map(({ values }) => values)),
    [groups, innermost, isNested],
  );
  const selection = useView((view) => view.selection);
  const hiddenGroups = useView((view) => view.hiddenGroups);
  const shownGroups = useView((view) => view.shownGroups);
  const drawn = useMemo(() => {
    const order = groups.map(({ values }) => groupId(values.slice(0, 1)));
    const isDrawn = (of: readonly unknown[]) => {
      const index = order.indexOf(groupId(of.slice(0, 1)));
      return isGroupShown({ selection, hiddenGroups, shownGroups }, of, index < 0 ? order.length : index);
    };
    return leaves.filter(isDrawn).map(groupId);
  }, [groups, leaves, selection, hiddenGroups, shownGroups]);
  // those that are drawn together come first
  const ids = useMemo(() => [...new Set([...drawn, ...leaves.map(groupId)])], [drawn, leaves]);
  const by = useMemo(() => (colorBy === null ? null : [colorBy]), [colorBy]);
  const ofValues = useGroupColors(project, by, NO_IDS, chosen);
  const colors = useGroupColors(project, listed.by, ids, ofValues);
  return useMemo(
    () => ({
      groupColors: colors,
      drawnGroups: drawn.map((id) => ({ id, color: colorOfGroup(colors, id) })),
      colorOf: (run: ColoredRun) => colorOfRun(run, coloringColumns(colorBy, listed.by), colors),
    }),
    [colors, colorBy, listed.by, drawn],
  );
}
