/** Puts a page's panels on a board: around the board itself, full screen, the settings and the dialogs. */

import { lazy, type ReactNode, Suspense, useEffect, useMemo } from "react";
import { isSynced } from "@/charts/shared-state";
import type { Board } from "@/data/board/board";
import type { PanelSet } from "@/panels/panel-props";
import { NamesBeside } from "@/ui/text/mid-name";
import { useView } from "../view/view-store";
import { BoardActionsContext, BoardContext, PanelSetContext, RunsSettledContext } from "./board-set";
import { useOpenDialog } from "./dialogs/open-dialog";
import { useBoardMenus } from "./sections/menus/board-menus";
import { usePaste } from "./sections/paste";
import { useBoardActionsOf } from "./use-board-actions";

const AddPanel = lazy(() => import("./dialogs/add-panel"));
const AddSection = lazy(() => import("./dialogs/add-section"));
const DeleteMetric = lazy(() => import("./dialogs/delete-metric"));
const MovePanel = lazy(() => import("./dialogs/move-panel"));

interface BoardProviderProps extends PanelSet {
  readonly board: Board;
  /** False while the list's answer to the newest question is on its way. */
  readonly areRunsSettled?: boolean;
  readonly children: ReactNode;
}

export function BoardProvider({ board, areRunsSettled = true, children, ...fields }: BoardProviderProps) {
  const { project, runs, runIds, nShown, nHidden } = fields;
  const { groupBy, groups, groupColors, baseline, list, hasLegend, onMenu } = fields;
  const set = useMemo(
    () => ({
      project,
      runs,
      runIds,
      nShown,
      nHidden,
      groupBy,
      groups,
      groupColors,
      baseline,
      list,
      hasLegend,
      onMenu,
    }),
    [project, runs, runIds, nShown, nHidden, groupBy, groups, groupColors, baseline, list, hasLegend, onMenu],
  );
  const names = useMemo(() => runs.map(({ name }) => name), [runs]);
  const actions = useBoardActionsOf(project, board);
  const areSynced = useView((view) => view.isSynced);
  useEffect(() => isSynced.set(areSynced), [areSynced]);
  usePaste(board);
  useBoardMenus();
  return (
    <PanelSetContext value={set}>
      <BoardActionsContext value={actions}>
        <BoardContext value={board}>
          <RunsSettledContext value={areRunsSettled}>
            <NamesBeside names={names}>{children}</NamesBeside>
          </RunsSettledContext>
          <Dialogs />
        </BoardContext>
      </BoardActionsContext>
    </PanelSetContext>
  );
}

/** Loaded when they are first opened. */
function Dialogs() {
  const open = useOpenDialog((state) => state.open);
  if (!open) return null;
  return (
    <Suspense fallback={null}>
      {open.kind === "add-panel" && <AddPanel key={JSON.stringify(open.draft)} draft={open.draft} />}
      {open.kind === "add-section" && <AddSection />}
      {open.kind === "move-panel" && <MovePanel key={open.id} id={open.id} />}
      {open.kind === "delete-metric" && <DeleteMetric key={open.metric} metric={open.metric} />}
    </Suspense>
  );
}
