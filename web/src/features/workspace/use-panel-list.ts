/**
 * The runs list as panels see it: which runs it lists, and a way to choose among them.
 */

import { useMemo } from "react";
import type { RunSet } from "@/api/run-rows";
import type { Shown } from "@/data/shown-runs";
import { change } from "@/data/view/view";
import type { PanelList } from "@/panels/panel-props";
import { useSetView, useView } from "../view/view-store";

export function usePanelList({ filter, search, isRegex }: RunSet): PanelList {
  const setView = useSetView();
  const selection = useView((view) => view.selection);
  const hiddenGroups = useView((view) => view.hiddenGroups);
  const shownGroups = useView((view) => view.shownGroups);
  return useMemo(
    () => ({
      set: { filter, search, isRegex },
      shown: { selection, hiddenGroups, shownGroups },
      // one step back takes both back
      onShown: (shown: Shown, id, part) => setView((view) => ({ ...shown, ...change.panel(view, id, part) })),
    }),
    [filter, search, isRegex, selection, hiddenGroups, shownGroups, setView],
  );
}
