/** The runs list as panels see it: which runs it lists, and a way to choose among them. */

import { useMemo } from "react";
import type { RunGroup } from "@/api/runs/groups";
import type { RunSet } from "@/api/runs/run-requests";
import { coloringColumns } from "@/data/runs/color";
import type { Shown } from "@/data/runs/shown-runs";
import { change, groupId } from "@/data/view/view";
import type { PanelList } from "@/panels/panel-props";
import { useSetView, useView } from "../view/view-store";

export function usePanelList({ filter, search, isRegex }: RunSet): PanelList {
  const setView = useSetView();
  const selection = useView((view) => view.selection);
  const hiddenGroups = useView((view) => view.hiddenGroups);
  const shownGroups = useView((view) => view.shownGroups);
  const column = useView((view) => view.colorBy);
  const groupBy = useView((view) => view.groupBy);
  const colorBy = useMemo(() => coloringColumns(column, groupBy), [column, groupBy]);
  return useMemo(
    () => ({
      set: { filter, search, isRegex },
      shown: { selection, hiddenGroups, shownGroups },
      colorBy,
      // one step back takes both back
      onShown: (shown: Shown, id, part) => setView((view) => ({ ...shown, ...change.panel(view, id, part) })),
    }),
    [filter, search, isRegex, selection, hiddenGroups, shownGroups, colorBy, setView],
  );
}

/** Ids of the list's groups, those of each level in its order; the same array as long as none moves. */
export function usePanelGroups(groups: readonly RunGroup[]): readonly string[] {
  const text = JSON.stringify(groups.map(({ values }) => groupId(values)));
  return useMemo(() => JSON.parse(text) as string[], [text]);
}
