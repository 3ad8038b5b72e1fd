/** The panels of a grid in their rows, with the runs of its run sets; readers look at them and change nothing. */

import { useRouter } from "@tanstack/react-router";
import { createContext, type ReactNode, useContext, useMemo, useRef, useState } from "react";
import { createPortal } from "react-dom";
import { projectId } from "@/api/projects";
import { isRunKey } from "@/api/several-projects/run-keys";
import type { ProjectRef } from "@/api/types";
import type { Board } from "@/data/board/board";
import type { Grid, RunSet } from "@/data/report/document";
import { boardOfGrid, heightOfRows, rowsOfGrid, workspaceOf } from "@/data/report/grid";
import { kindNames } from "@/data/view/panel-kinds";
import { useWidth } from "@/panels/frame/use-in-view";
import type { PanelSet } from "@/panels/panel-props";
import { SharedRanges, SharedRangesContext } from "@/panels/plot/shared-ranges";
import { MenuItem } from "@/ui/overlays/menu";
import { Icon } from "@/ui/signs/icons";
import { BoardProvider } from "../../board/board-provider";
import type { BoardMode } from "../../board/board-set";
import { FullScreen } from "../../board/full-screen";
import { ViewPanel } from "../../board/sections/board-panel";
import { useBoardView } from "../../board/use-board";
import { searchFromView } from "../../view/url";
import { useComments } from "../comments/comments-context";
import { useReport } from "../report-context";
import { numberedName } from "./run-sets";
import type { SetRuns } from "./use-set-runs";

interface GridBoardProps {
  readonly id: string;
  readonly grid: Grid;
  /** The run set that a workspace is opened with. */
  readonly set: RunSet | null;
  readonly runs: SetRuns;
  /** The runs are not known yet. */
  readonly isWaiting: boolean;
  /** The rest of what its panels can do; absent: readers look at them. */
  readonly mode?: Pick<BoardMode, "isReadOnly" | "Entries">;
  /** The panels where they are written; absent: rows of them. */
  readonly children?: ReactNode;
}

const READ: Pick<BoardMode, "isReadOnly" | "Entries"> = { isReadOnly: true, Entries: PanelEntries };
const LOOK: Pick<BoardMode, "isReadOnly" | "Entries"> = { isReadOnly: true, Entries: null };

export function GridBoard(props: GridBoardProps) {
  const { page, isShared, isStatic } = useReport();
  const isAlone = isShared || isStatic;
  const { id, grid, set, runs, isWaiting, mode: more = isAlone ? LOOK : READ, children } = props;
  const view = useBoardView();
  const board = useMemo(() => boardOfGrid(view, "this grid"), [view]);
  const { panels, error } = runs;
  const mode = useMemo(
    (): BoardMode => ({
      ...more,
      gridId: id,
      linkOf: isAlone ? null : () => `${window.location.origin}${window.location.pathname}#${id}`,
    }),
    [id, more, isAlone],
  );
  const opening = useMemo(
    () => ({ id, project: panels.project, grid, set }),
    [id, panels.project, grid, set],
  );
  return (
    <OpeningContext value={opening}>
      <BoardProvider board={board} mode={mode} areRunsSettled={runs.isSettled} {...panels}>
        {error && panels.runs.length === 0 ? (
          <div className="say" role="alert">
            <b>The runs could not be read</b>
            <span>{error.message}</span>
          </div>
        ) : (
          (children ?? <Rows board={board} isWaiting={isWaiting} />)
        )}
        <OneProjectNote grid={grid} panels={panels} />
        {page && createPortal(<FullScreen />, page)}
      </BoardProvider>
    </OpeningContext>
  );
}

/** Says which panels leave out runs of other projects. */
function OneProjectNote({ grid, panels }: { grid: Grid; panels: PanelSet }) {
  if (!panels.runIds.some(isRunKey)) return null;
  const kinds = grid.panels.map(({ kind }) => kindNames(kind)).filter(({ isOfOneProject }) => isOfOneProject);
  if (kinds.length === 0) return null;
  const titles = [...new Set(kinds.map(({ title }) => title))].join(", ");
  const { project } = panels;
  return (
    <p className="grid-note">
      <Icon name="info" isSmall /> Only the runs of {numberedName(project) ?? projectId(project)} are in:{" "}
      {titles}.
    </p>
  );
}

interface RowsProps {
  readonly board: Board;
  readonly isWaiting: boolean;
}

/** Rows, so that a printed page ends between them. */
function Rows({ board, isWaiting }: RowsProps) {
  const area = useRef<HTMLDivElement>(null);
  const width = useWidth(area);
  const [ranges] = useState(() => new SharedRanges());
  // parts of the width, as a printed page has another one
  const share = (px: number) => `${(100 * px) / width}%`;
  const rows = useMemo(() => (width > 0 ? rowsOfGrid(board, width) : []), [board, width]);
  return (
    <div className="grid-rows" ref={area} style={{ minHeight: heightOfRows(rows) }}>
      <SharedRangesContext value={ranges}>
        {rows.map(({ height, cells }) => (
          <div key={cells[0]?.id} className="grid-row" style={{ height }}>
            {cells.map((cell) => (
              <div
                key={cell.id}
                className="grid-cell"
                style={{ left: share(cell.x), width: share(cell.width), height: cell.height }}
              >
                {isWaiting ? <div className="panel" /> : <ViewPanel id={cell.id} />}
              </div>
            ))}
          </div>
        ))}
      </SharedRangesContext>
      {board.isBare && <p className="muted">No panels.</p>}
    </div>
  );
}

/** The panel, grid and run set that a panel's menu opens in a workspace. */
const OpeningContext = createContext<{
  /** Of the grid. */
  readonly id: string;
  readonly project: ProjectRef;
  readonly grid: Grid;
  readonly set: RunSet | null;
} | null>(null);

function PanelEntries({ id }: { id: string }) {
  const opening = useContext(OpeningContext);
  const comments = useComments();
  return (
    <>
      <OpenInWorkspace id={id} />
      {opening && comments?.mayComment && (
        <MenuItem
          icon="comment"
          onChoose={() => comments.begin({ block: opening.id, panel: id.slice(opening.id.length + 1) })}
        >
          Comment
        </MenuItem>
      )}
    </>
  );
}

function OpenInWorkspace({ id }: { id: string }) {
  const opening = useContext(OpeningContext);
  const router = useRouter();
  if (!opening) return null;
  const { project, grid, set } = opening;
  return (
    <MenuItem
      icon="chart"
      onChoose={() =>
        void router.navigate({
          to: "/$entity/$project",
          params: project,
          search: searchFromView(workspaceOf(grid, set, id)) as never,
        })
      }
    >
      Open in workspace
    </MenuItem>
  );
}
