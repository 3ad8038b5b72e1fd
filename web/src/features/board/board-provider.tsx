/** Puts panels on a board: around the board itself, full screen, the settings and the dialogs. */

import { type ReactNode, useMemo } from "react";
import { SHARED_ENTITY } from "@/api/client";
import type { Board } from "@/data/board/board";
import type { PanelSet } from "@/panels/panel-props";
import { NamesBeside } from "@/ui/text/mid-name";
import {
  BoardActionsContext,
  BoardContext,
  type BoardMode,
  BoardModeContext,
  PanelSetContext,
  RunsSettledContext,
} from "./board-set";
import { PanelEntries } from "./sections/menus/board-menus";
import { useBoardActionsOf } from "./use-board-actions";

/** Panels that people change, in the address of their page. */
const EDITED: BoardMode = {
  isReadOnly: false,
  gridId: null,
  Entries: PanelEntries,
  linkOf: pageLinkOf,
};

/** Panels that were shared: their readers have no account, and the project's pages are not theirs. */
const SHARED: BoardMode = { isReadOnly: true, gridId: null, Entries: null, linkOf: null };

export interface BoardProviderProps extends PanelSet {
  readonly board: Board;
  /** False while the list's answer to the newest question is on its way. */
  readonly areRunsSettled?: boolean;
  /** By default, the one of a page's own board. */
  readonly mode?: BoardMode;
  readonly children: ReactNode;
}

/** The page as it is, with a panel over it; null: the page shows only the panel. */
function pageLinkOf(id: string | null): string {
  const url = new URL(window.location.href);
  if (id !== null) url.searchParams.set("full", id);
  url.searchParams.delete("edited");
  return url.href;
}

export function BoardProvider(props: BoardProviderProps) {
  const { board, areRunsSettled = true, children, mode, ...fields } = props;
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
  return (
    <PanelSetContext value={set}>
      <BoardActionsContext value={actions}>
        <BoardContext value={board}>
          <BoardModeContext value={mode ?? (project.entity === SHARED_ENTITY ? SHARED : EDITED)}>
            <RunsSettledContext value={areRunsSettled}>
              <NamesBeside names={names}>{children}</NamesBeside>
            </RunsSettledContext>
          </BoardModeContext>
        </BoardContext>
      </BoardActionsContext>
    </PanelSetContext>
  );
}
