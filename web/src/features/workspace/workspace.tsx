/**
 * The workspace: runs at the left, panels at the right, live.
 */

import { useEffect, useRef, useState } from "react";
import { ApiError } from "@/api/client";
import { useLive } from "@/api/live";
import type { ProjectRef } from "@/api/types";
import { formatNoun } from "@/data/format";
import { TipLayer } from "@/panels/tip-layer";
import { ScrollRoot } from "@/panels/use-in-view";
import { Icon } from "@/ui/icons";
import { PageProblem } from "@/ui/page-problem";
import { usePageStatus } from "../page-status";
import { EmptyProject } from "./empty-project";
import { FullScreen } from "./full-screen";
import { PanelSections, useSections } from "./panel-sections";
import { RunsEdge, useRunsWidth } from "./runs-edge";
import { RunsList } from "./runs-list";
import { NEWEST_SHOWN } from "./shown-runs";
import { Toolbar } from "./toolbar";
import { useSearchKeys } from "./use-search-keys";
import { useListedRuns, usePanelRuns } from "./use-workspace-runs";
import { FIRST_VIEW } from "./view";
import { useSetView, useView, ViewProvider } from "./view-store";
import "./workspace.css";

export function WorkspacePage(project: ProjectRef) {
  return (
    <ViewProvider key={`${project.entity}/${project.project}`}>
      <Workspace {...project} />
    </ViewProvider>
  );
}

function Workspace({ entity, project }: ProjectRef) {
  const [ref] = useState<ProjectRef>({ entity, project });
  const link = useLive(ref);
  const listed = useListedRuns(ref);
  const { sections, query: metrics } = useSections(ref, null);
  const shownRuns = listed.runs.filter((run) => listed.shown.has(run.id));
  const { panelRuns, asked } = usePanelRuns(shownRuns);
  const hasSearch = useView((view) => view.runSearch !== "");
  const [width, setWidth] = useRunsWidth();
  const runsSearch = useRef<HTMLInputElement>(null);
  const panelsSearch = useRef<HTMLInputElement>(null);
  useSearchKeys({ "/": runsSearch, p: panelsSearch });

  const nRunning = listed.runs.reduce((n, run) => n + (run.state === "running" ? 1 : 0), 0);
  useEffect(() => {
    usePageStatus.setState({ link, nRunning });
    return () => usePageStatus.setState({ link: null, nRunning: 0 });
  }, [link, nRunning]);

  const { query } = listed;
  const isMissing = query.error instanceof ApiError && query.error.status === 404;
  const isEmpty = query.isSuccess && listed.total === 0 && !hasSearch && !query.isPlaceholderData;
  if (isEmpty || isMissing) return <EmptyProject {...ref} />;
  if (query.isError && listed.runs.length === 0 && !hasSearch) {
    return (
      <PageProblem icon="warn" title="The runs could not be read">
        <span>{query.error.message}</span>
        <button type="button" className="btn sm" onClick={() => query.refetch()}>
          Try again
        </button>
      </PageProblem>
    );
  }
  const set = { project: ref, runs: panelRuns, asked };
  return (
    <main className="work" style={{ gridTemplateColumns: `${width}px 1fr` }}>
      <RunsList project={ref} listed={listed} searchRef={runsSearch} />
      <RunsEdge width={width} onWidth={setWidth} />
      <section className="panels" aria-label="Panels">
        <Toolbar searchRef={panelsSearch} />
        <PanelScroll>
          {metrics.isPending || query.isPending ? (
            <LoadingPanels />
          ) : sections.length === 0 ? (
            <NoMetrics />
          ) : panelRuns.length === 0 ? (
            <NothingShown nListed={listed.runs.length} />
          ) : (
            <PanelSections sections={sections} {...set} />
          )}
        </PanelScroll>
        <FullScreen sections={sections} {...set} />
      </section>
      <TipLayer />
    </main>
  );
}

/** The area that panels scroll in, known to them for telling what is in view. */
export function PanelScroll({ children }: { children: React.ReactNode }) {
  const [root, setRoot] = useState<HTMLElement | null>(null);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled area must be reachable by keyboard
    <div className="scroll" ref={setRoot} tabIndex={0} role="group" aria-label="Panels, scrolled">
      {root && <ScrollRoot value={root}>{children}</ScrollRoot>}
    </div>
  );
}

function NothingShown({ nListed }: { nListed: number }) {
  const setView = useSetView();
  if (nListed === 0) {
    return (
      <div className="say" style={{ paddingTop: 96 }}>
        <Icon name="search" />
        <b>No curve to draw</b>
        <span>No run matches the search on the left.</span>
      </div>
    );
  }
  return (
    <div className="say" style={{ paddingTop: 96 }}>
      <Icon name="eyeoff" />
      <b>All {formatNoun(nListed, "run")} are hidden</b>
      <span>Show runs with the eye in the list.</span>
      <button type="button" className="btn sm" onClick={() => setView({ selection: FIRST_VIEW.selection })}>
        Show the newest {NEWEST_SHOWN}
      </button>
    </div>
  );
}

export function NoMetrics() {
  return (
    <div className="say" style={{ paddingTop: 96 }}>
      <b>Nothing logged yet</b>
      <span>
        The first chart appears with the first number given to <span className="mono">run.log()</span>.
      </span>
    </div>
  );
}

export function LoadingPanels() {
  return (
    <div className="late" role="status" aria-label="Loading panels">
      <div className="sech">
        <span className="sk" style={{ width: 72, height: 10, marginLeft: 24 }} />
      </div>
      <div className="grid">
        {Array.from({ length: 6 }, (_, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: six equal placeholders
          <div className="panel" key={i}>
            <div className="ph">
              <span className="sk" style={{ width: 84, height: 10 }} />
            </div>
            <div className="wait">
              <div />
              <span className="sk" />
            </div>
          </div>
        ))}
      </div>
    </div>
  );
}
