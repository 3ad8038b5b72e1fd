/**
 * The workspace's panels with chosen runs, in a view that is the page's own.
 */

import { useMemo, useRef, useState } from "react";
import type { ProjectRef, Run } from "@/api/types";
import { PinnedTip } from "@/panels/pinned-tip";
import { TipLayer } from "@/panels/tip-layer";
import { useSearchKeys } from "@/ui/keys/use-search-keys";
import { usePanelRuns } from "../runs/use-panel-runs";
import { ViewProvider } from "../view/view-store";
import { BoardProvider } from "./board-provider";
import { LoadingPanels, NoMetrics, PanelScroll } from "./board-states";
import { FullScreen } from "./full-screen";
import { PanelBoard } from "./panel-board";
import { OpenSettings } from "./settings/open-settings";
import { Toolbar } from "./toolbar/toolbar";
import { useBoard } from "./use-board";

const NOT_GROUPED: readonly string[] = [];

interface RunsChartsProps {
  readonly project: ProjectRef;
  /** Other ones need another `key`. */
  readonly runs: readonly Run[];
  /** The id of the run that is drawn dashed. */
  readonly baseline?: string;
}

export function RunsCharts(props: RunsChartsProps) {
  return (
    <ViewProvider>
      <Charts {...props} />
    </ViewProvider>
  );
}

function Charts({ project, runs, baseline }: RunsChartsProps) {
  const [ids] = useState(() => runs.map(({ id }) => id));
  const { board, isPending } = useBoard(project, ids);
  const { panelRuns, asked } = usePanelRuns(runs);
  const base = useMemo(() => panelRuns.find(({ id }) => id === baseline) ?? null, [panelRuns, baseline]);
  const panelsSearch = useRef<HTMLInputElement>(null);
  useSearchKeys({ p: panelsSearch });
  return (
    <BoardProvider
      board={board}
      project={project}
      runs={panelRuns}
      asked={asked}
      groupBy={NOT_GROUPED}
      baseline={base}
      hasLegend={runs.length > 1}
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
