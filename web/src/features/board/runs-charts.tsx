/**
 * The workspace's panels with chosen runs, in a view that is the page's own.
 */

import { useRef, useState } from "react";
import type { ProjectRef, Run } from "@/api/types";
import { PinnedTip } from "@/panels/plot/pinned-tip";
import { TipLayer } from "@/panels/plot/tip-layer";
import { useSearchKeys } from "@/ui/keys/use-search-keys";
import { ViewProvider } from "../view/view-store";
import { LoadingPanels, NoMetrics, PanelScroll } from "./board-states";
import { FullScreen } from "./full-screen";
import { PanelBoard } from "./panel-board";
import { RunsBoard } from "./runs-board";
import { OpenSettings } from "./settings/open-settings";
import { Toolbar } from "./toolbar/toolbar";
import { useBoard } from "./use-board";

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
  const panelsSearch = useRef<HTMLInputElement>(null);
  useSearchKeys({ p: panelsSearch });
  return (
    <RunsBoard board={board} project={project} runs={runs} baseline={baseline}>
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
    </RunsBoard>
  );
}
