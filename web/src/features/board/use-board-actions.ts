/** Actions of panels on the view; the same functions for as long as the page is there. */

import { useMemo } from "react";
import type { ProjectRef } from "@/api/types";
import type { Board } from "@/data/board/board";
import { duplicatePanel } from "@/data/board/moves";
import { withStep } from "@/data/view/media-steps";
import { change, panelOf } from "@/data/view/view";
import { withZoom } from "@/data/view/zoom";
import { drawnAxis } from "@/panels/plot/drawn-axis";
import { useStable } from "@/ui/hooks/use-stable";
import { useSetView } from "../view/view-store";
import type { BoardActions } from "./board-set";

export function useBoardActionsOf(project: ProjectRef, board: Board): BoardActions {
  const setView = useSetView();
  const now = useStable(() => board);
  return useMemo(
    () => ({
      board: now,
      onZoom: (id, range) =>
        setView((view) => {
          const panel = panelOf(view, id);
          return panel ? withZoom(view, panel, range, drawnAxis(project, id)) : {};
        }),
      onStep: (id, step) =>
        setView((view) => {
          const panel = panelOf(view, id);
          return panel ? withStep(view, panel, step) : {};
        }),
      onChange: (id, part, name) =>
        setView(
          (view) => change.panel(view, id, part),
          name === undefined ? {} : { coalesce: `${id} ${name}` },
        ),
      onFull: (id) => setView({ full: id }),
      onEdit: (id) => setView({ edited: id }),
      onSpread: (id, to) => setView((view) => change.spreadSettings(view, id, to)),
      onDuplicate: (id, changes) => setView((view) => duplicatePanel(view, now(), id, changes)?.part ?? {}),
    }),
    [project, now, setView],
  );
}
