/**
 * A run's charts: the workspace's panels with this run alone.
 */

import { useMemo, useRef, useState } from "react";
import { PinnedTip } from "@/panels/pinned-tip";
import { TipLayer } from "@/panels/tip-layer";
import { useSearchKeys } from "@/ui/keys/use-search-keys";
import { BoardProvider } from "../board/board-provider";
import { LoadingPanels, NoMetrics, PanelScroll } from "../board/board-states";
import { FullScreen } from "../board/full-screen";
import { PanelBoard } from "../board/panel-board";
import { OpenSettings } from "../board/settings/open-settings";
import { Toolbar } from "../board/toolbar/toolbar";
import { useBoard } from "../board/use-board";
import { usePanelRuns } from "../runs/use-panel-runs";
import { ViewProvider } from "../view/view-store";
import { useShownRun } from "./shown-run";

const NOT_GROUPED: readonly string[] = [];

export function ChartsTab() {
  return (
    <ViewProvider>
      <Charts />
    </ViewProvider>
  );
}

function Charts() {
  const { project, run } = useShownRun();
  const [ids] = useState([run.id]);
  const { board, isPending } = useBoard(project, ids);
  const runs = useMemo(() => [run], [run]);
  const { panelRuns, asked } = usePanelRuns(runs);
  const panelsSearch = useRef<HTMLInputElement>(null);
  useSearchKeys({ p: panelsSearch });
  return (
    <BoardProvider
      board={board}
      project={project}
      runs={panelRuns}
      asked={asked}
      groupBy={NOT_GROUPED}
      baseline={null}
      hasLegend={false}
    >
      <div className="beside-settings">
        <section className="panels" aria-label="Panels">
          <Toolbar searchRef={panelsSearch} />
          <PanelScroll>
            {isPending ? <LoadingPanels /> : board.isBare ? <NoMetrics /> : <PanelBoard />}
          </PanelScroll>
        </section>
        <OpenSettings />
        <FullScreen />
        <PinnedTip />
        <TipLayer />
      </div>
    </BoardProvider>
  );
}
