/**
 * The workspace: runs at the left, panels at the right, live.
 */

import { useViewportSize } from "@mantine/hooks";
import { useEffect, useRef, useState } from "react";
import { ApiError } from "@/api/client";
import { useLive } from "@/api/live";
import type { ProjectRef } from "@/api/types";
import { formatNoun } from "@/data/format";
import { FIRST_SHOWN } from "@/data/shown-runs";
import { FIRST_VIEW } from "@/data/view/view";
import { TipLayer } from "@/panels/tip-layer";
import { Icon } from "@/ui/icons";
import { PageProblem } from "@/ui/page-problem";
import { BoardProvider } from "../board/board-provider";
import { LoadingPanels, NoMetrics, PanelScroll } from "../board/board-states";
import { FullScreen } from "../board/full-screen";
import { OpenSettings } from "../board/open-settings";
import { PanelBoard } from "../board/panel-board";
import { useBoard } from "../board/use-board";
import { usePageStatus } from "../page-status";
import { useSetView, useView, ViewProvider } from "../view/view-store";
import { EmptyProject } from "./empty-project";
import { RunsEdge, useRunsWidth } from "./runs-edge";
import { RunsList } from "./runs-list";
import { Toolbar } from "./toolbar";
import { usePanelList } from "./use-panel-list";
import { useSearchKeys } from "./use-search-keys";
import { useBaseline, usePanelRuns, useWorkspaceRuns } from "./use-workspace-runs";
import "./workspace.css";

/** The runs list makes room for the settings at the other side. */
const MIDDLE_LIST_PX = 340;
const NARROW_LIST_PX = 220;
const NARROW_PAGE_PX = 1700;

export function WorkspacePage(project: ProjectRef) {
  return (
    <ViewProvider key={`${project.entity}/${project.project}`} project={project}>
      <Workspace {...project} />
    </ViewProvider>
  );
}

function Workspace({ entity, project }: ProjectRef) {
  const [ref] = useState<ProjectRef>({ entity, project });
  const link = useLive(ref);
  const listed = useWorkspaceRuns(ref);
  const { board, query: metrics } = useBoard(ref, null);
  const { panelRuns, asked } = usePanelRuns(listed.drawn, listed.runs.asked.by.length > 0);
  const baseline = useBaseline(ref);
  const list = usePanelList(listed.runs.asked);
  const isSetting = useView((view) => view.edited !== null);
  const [width, setWidth] = useRunsWidth();
  const { width: pageWidth } = useViewportSize();
  const listWidth = isSetting
    ? Math.min(width, pageWidth < NARROW_PAGE_PX ? NARROW_LIST_PX : MIDDLE_LIST_PX)
    : width;
  const runsSearch = useRef<HTMLInputElement>(null);
  const panelsSearch = useRef<HTMLInputElement>(null);
  useSearchKeys({ "/": runsSearch, p: panelsSearch });

  const { runs, nRunning } = listed;
  useEffect(() => {
    usePageStatus.setState({ link, nRunning });
    return () => usePageStatus.setState({ link: null, nRunning: 0 });
  }, [link, nRunning]);

  const isMissing = runs.error instanceof ApiError && runs.error.status === 404;
  if (listed.nInProject === 0 || isMissing) return <EmptyProject {...ref} />;
  if (runs.error && runs.isPending && listed.nInProject === undefined) {
    return (
      <PageProblem icon="warn" title="The runs could not be read">
        <span>{runs.error.message}</span>
        <button type="button" className="btn sm" onClick={runs.retry}>
          Try again
        </button>
      </PageProblem>
    );
  }
  return (
    <BoardProvider
      board={board}
      project={ref}
      runs={panelRuns}
      asked={asked}
      groupBy={runs.asked.by}
      baseline={baseline}
      list={list}
    >
      <main
        className="work"
        style={{ gridTemplateColumns: `${listWidth}px minmax(0, 1fr)${isSetting ? " auto" : ""}` }}
      >
        <RunsList project={ref} listed={listed} widthPx={listWidth} searchRef={runsSearch} />
        <RunsEdge width={listWidth} onWidth={setWidth} />
        <section className="panels" aria-label="Panels">
          <Toolbar searchRef={panelsSearch} />
          <PanelScroll>
            {metrics.isPending || runs.isPending ? (
              <LoadingPanels />
            ) : board.isBare ? (
              <NoMetrics />
            ) : panelRuns.length === 0 ? (
              <NothingShown nListed={runs.total} error={runs.error} />
            ) : (
              <PanelBoard />
            )}
          </PanelScroll>
        </section>
        <OpenSettings />
        <FullScreen />
        <TipLayer />
      </main>
    </BoardProvider>
  );
}

function NothingShown({ nListed, error }: { nListed: number; error: Error | null }) {
  const setView = useSetView();
  if (nListed === 0) {
    return (
      <div className="say" style={{ paddingTop: 96 }}>
        <Icon name={error ? "warn" : "search"} />
        <b>No curve to draw</b>
        <span>
          {error
            ? "The runs could not be read."
            : "No run matches what the list is searched and filtered for."}
        </span>
      </div>
    );
  }
  return (
    <div className="say" style={{ paddingTop: 96 }}>
      <Icon name="eyeoff" />
      <b>All {formatNoun(nListed, "run")} are hidden</b>
      <span>Show runs with the eye in the list.</span>
      <button type="button" className="btn sm" onClick={() => setView({ selection: FIRST_VIEW.selection })}>
        Show the newest {FIRST_SHOWN}
      </button>
    </div>
  );
}
