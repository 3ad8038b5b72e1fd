/**
 * A board with the panels of chosen runs, which are neither listed nor grouped.
 */

import { type ReactNode, useMemo } from "react";
import type { ProjectRef, Run } from "@/api/types";
import type { Board } from "@/data/board/board";
import { usePanelRuns } from "../runs/use-panel-runs";
import { BoardProvider } from "./board-provider";

const NOT_GROUPED: readonly string[] = [];

interface RunsBoardProps {
  readonly board: Board;
  readonly project: ProjectRef;
  /** The same array as long as they have not changed. */
  readonly runs: readonly Run[];
  /** The id of the run that is drawn dashed. */
  readonly baseline?: string;
  readonly children: ReactNode;
}

export function RunsBoard({ board, project, runs, baseline, children }: RunsBoardProps) {
  const { panelRuns, runIds } = usePanelRuns(runs);
  const base = useMemo(() => panelRuns.find(({ id }) => id === baseline) ?? null, [panelRuns, baseline]);
  return (
    <BoardProvider
      board={board}
      project={project}
      runs={panelRuns}
      runIds={runIds}
      groupBy={NOT_GROUPED}
      baseline={base}
      hasLegend={runs.length > 1}
    >
      {children}
    </BoardProvider>
  );
}
