/** A board with the panels of chosen runs, which are not listed. */

import { type ReactNode, useMemo } from "react";
import type { ProjectRef } from "@/api/types";
import type { Board } from "@/data/board/board";
import type { PanelSet } from "@/panels/panel-props";
import { PinnedTip } from "@/panels/plot/pinned-tip";
import { TipLayer } from "@/panels/plot/tip-layer";
import type { NamedRun } from "../runs/actions/run-actions";
import { usePanelRuns } from "../runs/use-panel-runs";
import { PanelScroll } from "./board-states";
import { FullScreen } from "./full-screen";
import { PageBoardProvider } from "./page-board";
import { OpenSettings } from "./settings/open-settings";

const NOT_GROUPED: readonly string[] = [];

interface RunsBoardProps {
  readonly board: Board;
  readonly project: ProjectRef;
  /** The same array as long as they have not changed. */
  readonly runs: readonly NamedRun[];
  /** The id of the run that is drawn dashed. */
  readonly baseline?: string;
  /** Absent: they are not grouped. */
  readonly groups?: Pick<PanelSet, "groupBy" | "groups" | "groupColors">;
  readonly children: ReactNode;
}

export function RunsBoard({ board, project, runs, baseline, groups, children }: RunsBoardProps) {
  const { panelRuns, runIds } = usePanelRuns(runs);
  const base = useMemo(() => panelRuns.find(({ id }) => id === baseline) ?? null, [panelRuns, baseline]);
  return (
    <PageBoardProvider
      board={board}
      project={project}
      runs={panelRuns}
      runIds={runIds}
      groupBy={groups?.groupBy ?? NOT_GROUPED}
      {...(groups?.groups && { groups: groups.groups })}
      {...(groups?.groupColors && { groupColors: groups.groupColors })}
      baseline={base}
      hasLegend={runs.length > 1}
    >
      {children}
    </PageBoardProvider>
  );
}

interface RunsPanelsProps extends RunsBoardProps {
  readonly label: string;
  readonly toolbar: ReactNode;
}

/** A whole page of panels of chosen runs, with its toolbar and the settings next to them. */
export function RunsPanels({ label, toolbar, children, ...board }: RunsPanelsProps) {
  return (
    <RunsBoard {...board}>
      <div className="beside-settings">
        <section className="panels" aria-label={label}>
          {toolbar}
          <PanelScroll>{children}</PanelScroll>
        </section>
        <OpenSettings />
        <FullScreen />
        <PinnedTip />
        <TipLayer />
      </div>
    </RunsBoard>
  );
}
