/** The workspace: runs at the left, panels at the right, live. */

import { useParams } from "@tanstack/react-router";
import { lazy, Suspense, useEffect, useMemo, useRef, useState } from "react";
import { ApiError } from "@/api/client";
import { useLive } from "@/api/live/live";
import type { ProjectRef } from "@/api/types";
import { allOf } from "@/data/filter/tree";
import type { OwnerAnchor } from "@/panels/panel-props";
import { PinnedTip } from "@/panels/plot/pinned-tip";
import { TipLayer } from "@/panels/plot/tip-layer";
import { usePageWidth, usePhone } from "@/ui/hooks/use-phone";
import { useSearchKeys } from "@/ui/keys/use-search-keys";
import { useFirstOpen } from "@/ui/overlays/use-first-open";
import { later } from "@/ui/parts/later";
import { PageFault } from "@/ui/signs/fault";
import { LoadingPanels, NoMetrics, PanelScroll } from "../board/board-states";
import { FullScreen } from "../board/full-screen";
import { PageBoardProvider } from "../board/page-board";
import { PanelBoard } from "../board/panel-board";
import { OpenSettings } from "../board/settings/open-settings";
import { Toolbar } from "../board/toolbar/toolbar";
import { useBoard } from "../board/use-board";
import { useOpenShare } from "../open-share";
import { useOfferViewFile, useOpenViewFile } from "../open-view-file";
import { usePageStatus } from "../page-status";
import { useToggleRunning } from "../runs/filter/passing-filter";
import { useBaseline } from "../runs/use-baseline";
import { usePanelGroups, usePanelList } from "../runs/use-panel-list";
import { usePanelRuns } from "../runs/use-panel-runs";
import { ViewProvider } from "../view/page-view";
import { useView } from "../view/view-store";
import { ViewsMenu } from "../view/views-menu";
import { FoldedList, type ListWindow, STRIP_PX, useListFold, useListKeys } from "./list-fold";
import { RunsEdge, useRunsWidth } from "./runs-edge";
import { RunsList } from "./runs-list";
import { useWorkspaceRuns } from "./use-workspace-runs";
import "./workspace.css";

const EmptyProject = lazy(() => import("../runs/empty/empty-project"));
const CurveMenu = lazy(() => import("./curve-menu"));
const NothingShown = later(() => import("./nothing-shown").then((file) => file.NothingShown));
const ViewFileDialog = lazy(() => import("../view-file/view-file-dialog"));

/** The runs list makes room for the settings at the other side. */
const MIDDLE_LIST_PX = 368;
const NARROW_LIST_PX = 280;
const NARROW_PAGE_PX = 1400;

export function WorkspacePage() {
  const project = useParams({ strict: false }) as ProjectRef;
  return (
    <ViewProvider key={`${project.entity}/${project.project}`} project={project}>
      <Link entity={project.entity} project={project.project} />
      <Workspace entity={project.entity} project={project.project} />
    </ViewProvider>
  );
}

/** The page's link to the server, by itself: its states render nothing of the page. */
function Link({ entity, project }: ProjectRef) {
  const [ref] = useState<ProjectRef>({ entity, project });
  const link = useLive(ref);
  useEffect(() => {
    usePageStatus.setState({ link });
    return () => usePageStatus.setState({ link: null });
  }, [link]);
  return null;
}

function Workspace({ entity, project }: ProjectRef) {
  const [ref] = useState<ProjectRef>({ entity, project });
  const listed = useWorkspaceRuns(ref);
  const { panelRuns, runIds } = usePanelRuns(listed.drawn, listed.runs.colorOf);
  const baseline = useBaseline(ref);
  const drawn = useMemo(
    () => [...new Set([...panelRuns.map(({ id }) => id), ...(baseline ? [baseline.id] : [])])].sort(),
    [panelRuns, baseline],
  );
  const { board, isPending } = useBoard(ref, null, drawn, listed.isSettled);
  const list = usePanelList(listed.runs.request);
  const groups = usePanelGroups(listed.runs.listedGroups);
  const isSetting = useView((view) => view.edited !== null);
  const pageWidth = usePageWidth();
  const isPhone = usePhone();
  const [width, setWidth] = useRunsWidth(pageWidth);
  const [isFolded, setFolded] = useListFold(pageWidth, isSetting);
  const openWidth = isSetting
    ? Math.min(width, pageWidth < NARROW_PAGE_PX ? NARROW_LIST_PX : MIDDLE_LIST_PX)
    : width;
  const listWidth = isFolded ? STRIP_PX : openWidth;
  const runsSearch = useRef<HTMLInputElement>(null);
  const panelsSearch = useRef<HTMLInputElement>(null);
  useSearchKeys({ "/": runsSearch, p: panelsSearch });
  const [listWindow, setListWindow] = useState<ListWindow | null>(null);
  useListKeys({ isFolded, search: runsSearch, setFolded, onWindow: setListWindow });

  const hasOwnRuns = useView((view) => Object.values(view.panels).some((panel) => panel.runFilter !== null));
  const [curve, setCurve] = useState<OwnerAnchor | null>(null);
  const { isMounted: isCurveMenuUsed } = useFirstOpen(curve !== null);

  const { runs, nRunning } = listed;
  const onRunning = useToggleRunning();
  useEffect(() => {
    usePageStatus.setState({ nRunning, onRunning });
    return () => usePageStatus.setState({ nRunning: 0, onRunning: null });
  }, [nRunning, onRunning]);

  useEffect(() => {
    useOpenShare.setState({ shown: runIds });
    return () => useOpenShare.setState({ shown: null });
  }, [runIds]);

  useOfferViewFile();
  const fileName = useOpenViewFile(({ name }) => name);
  const isMissing = runs.error instanceof ApiError && runs.error.status === 404;
  if (listed.nInProject === 0 || isMissing)
    return (
      <Suspense>
        <EmptyProject {...ref} />
      </Suspense>
    );
  if (runs.error && runs.isPending && listed.nInProject === undefined)
    return <PageFault title="The runs could not be read" error={runs.error} onRetry={runs.retry} />;
  return (
    <PageBoardProvider
      board={board}
      project={ref}
      runs={panelRuns}
      areRunsSettled={listed.isSettled}
      runIds={runIds}
      {...(listed.nShown > panelRuns.length && panelRuns.length > 0 && { nShown: listed.nShown })}
      nHidden={runs.total - listed.nShown}
      groupBy={runs.request.by}
      groups={groups}
      groupColors={runs.groupColors}
      baseline={baseline}
      list={list}
      onMenu={setCurve}
    >
      <main
        className={`work ${isFolded ? "folded" : ""}`}
        style={{ gridTemplateColumns: `${listWidth}px minmax(0, 1fr)${isSetting ? " auto" : ""}` }}
      >
        {isFolded ? (
          <FoldedList
            nShown={listed.nShown}
            nListed={runs.total}
            filter={allOf(runs.request.filter, runs.request.search)}
            end={isPhone && <ViewsMenu project={ref} />}
            onOpen={() => setFolded(false)}
            onFilter={() => {
              setFolded(false);
              setListWindow("filter");
            }}
          />
        ) : (
          <>
            <RunsList
              project={ref}
              listed={listed}
              widthPx={isPhone ? pageWidth : listWidth}
              isPhone={isPhone}
              searchRef={runsSearch}
              opened={listWindow}
              onOpened={setListWindow}
              onFold={() => setFolded(true)}
            />
            <RunsEdge width={listWidth} onWidth={setWidth} />
          </>
        )}
        <section className="panels" aria-label="Panels">
          <Toolbar searchRef={panelsSearch} />
          <PanelScroll>
            {isPending || runs.isPending || (runs.total > 0 && !listed.isCounted) ? (
              <LoadingPanels />
            ) : board.isBare ? (
              <NoMetrics />
            ) : panelRuns.length === 0 && !hasOwnRuns ? (
              <NothingShown runs={runs} />
            ) : (
              <PanelBoard />
            )}
          </PanelScroll>
        </section>
        <OpenSettings />
        <FullScreen />
        {isCurveMenuUsed && (
          <Suspense>
            <CurveMenu project={ref} listed={listed} anchor={curve} onClose={() => setCurve(null)} />
          </Suspense>
        )}
        {fileName !== null && (
          <Suspense>
            <ViewFileDialog
              project={ref}
              name={fileName}
              onClose={() => useOpenViewFile.setState({ name: null })}
            />
          </Suspense>
        )}
        <PinnedTip />
        {curve === null && <TipLayer />}
      </main>
    </PageBoardProvider>
  );
}
