/** The workspace's panels with chosen runs, in a view that is the page's own. */

import { useRef, useState } from "react";
import type { ProjectRef, Run } from "@/api/types";
import { useSearchKeys } from "@/ui/keys/use-search-keys";
import { ViewProvider } from "../view/page-view";
import { LoadingPanels, NoMetrics } from "./board-states";
import { PanelBoard } from "./panel-board";
import { RunsPanels } from "./runs-board";
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
    <RunsPanels
      label="Panels"
      toolbar={<Toolbar searchRef={panelsSearch} />}
      board={board}
      project={project}
      runs={runs}
      baseline={baseline}
    >
      {isPending ? <LoadingPanels /> : board.isBare ? <NoMetrics /> : <PanelBoard />}
    </RunsPanels>
  );
}
