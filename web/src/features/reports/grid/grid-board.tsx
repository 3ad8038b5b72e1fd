/** The panels of a grid in their rows, with the runs of its run sets; readers look at them and change nothing. */

import { useRouter } from "@tanstack/react-router";
import { createContext, useContext, useMemo, useRef, useState } from "react";
import { createPortal } from "react-dom";
import type { ProjectRef } from "@/api/types";
import type { Board } from "@/data/board/board";
import type { Grid, RunSet } from "@/data/report/document";
import { boardOfGrid, heightOfRows, rowsOfGrid, workspaceOf } from "@/data/report/grid";
import { useWidth } from "@/panels/frame/use-in-view";
import { SharedRanges, SharedRangesContext } from "@/panels/plot/shared-ranges";
import { MenuItem } from "@/ui/overlays/menu";
import { BoardProvider } from "../../board/board-provider";
import type { BoardMode } from "../../board/board-set";
import { FullScreen } from "../../board/full-screen";
import { ViewPanel } from "../../board/sections/board-panel";
import { useBoardView } from "../../board/use-board";
import { searchFromView } from "../../view/url";
import { useReport } from "../report-context";
import type { SetRuns } from "./use-set-runs";

interface GridBoardProps {
  readonly id: string;
  readonly grid: Grid;
  /** The run set that a workspace is opened with. */
  readonly set: RunSet | null;
  readonly runs: SetRuns;
  /** The runs are not known yet. */
  readonly isWaiting: boolean;
}

export function GridBoard({ id, grid, set, runs, isWaiting }: GridBoardProps) {
  const { page } = useReport();
  const view = useBoardView();
  const board = useMemo(() => boardOfGrid(view, "this grid"), [view]);
  const { panels, error } = runs;
  const mode = useMemo(
    (): BoardMode => ({
      isReadOnly: true,
      Entries: OpenInWorkspace,
      linkOf: () => `${window.location.origin}${window.location.pathname}#${id}`,
    }),
    [id],
  );
  const opening = useMemo(() => ({ project: panels.project, grid, set }), [panels.project, grid, set]);
  return (
    <OpeningContext value={opening}>
      <BoardProvider board={board} mode={mode} areRunsSettled={runs.isSettled} {...panels}>
        {error && panels.runs.length === 0 ? (
          <div className="say" role="alert">
            <b>The runs could not be read</b>
            <span>{error.message}</span>
          </div>
        ) : (
          <Rows board={board} isWaiting={isWaiting} />
        )}
        {page && createPortal(<FullScreen />, page)}
      </BoardProvider>
    </OpeningContext>
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
  readonly project: ProjectRef;
  readonly grid: Grid;
  readonly set: RunSet | null;
} | null>(null);

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
