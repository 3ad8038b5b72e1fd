/**
 * `/share/ID.CODE`: runs, a view or a panel that a member of a project shared, for everyone who has the link.
 *
 * The panels are those of the workspace. All they ask goes to the share, which answers for its runs alone.
 */

import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { useEffect, useMemo } from "react";
import { ApiError, sharedRef } from "@/api/client";
import { MOST_DRAWN, reportLinkOf, sharedQuery, sharedRowsQuery, sharedRunsQuery } from "@/api/shares";
import type { ProjectRef, Run, Schemas } from "@/api/types";
import { homesOf, makeBoard } from "@/data/board/board";
import { CHART_RUNS } from "@/data/runs/shown-runs";
import { formatCount, formatDay, formatNoun } from "@/data/text/format";
import { makePanel, type Panel } from "@/data/view/panel";
import { kindNames } from "@/data/view/panel-kinds";
import type { PanelSettings } from "@/data/view/settings";
import { FIRST_VIEW, type View } from "@/data/view/view";
import { TipLayer } from "@/panels/plot/tip-layer";
import { PageFault } from "@/ui/signs/fault";
import { Icon } from "@/ui/signs/icons";
import { PageProblem } from "@/ui/signs/page-problem";
import { StateIcon } from "@/ui/signs/state-icon";
import { Ago } from "@/ui/text/ago";
import { LoadingPanels, NoMetrics, PanelScroll } from "../board/board-states";
import { FullScreen } from "../board/full-screen";
import { PanelBoard } from "../board/panel-board";
import { RunsBoard } from "../board/runs-board";
import { useBoard, useBoardView } from "../board/use-board";
import { useSharedGroups } from "../shared-runs/shared-groups";
import { SharedRun } from "../shared-runs/shared-run";
import { SharedTable } from "../shared-runs/shared-table";
import { statesText } from "../shared-runs/shared-values";
import { orderOf, panelGroups, withShownGroups } from "../shared-runs/shown-columns";
import { PassingViewProvider } from "../view/page-view";
import { useView } from "../view/view-store";
import { SharedConsole } from "./shared-console";
import { SharedFiles } from "./shared-files";
import "../shared-runs/shared-runs.css";
import "./share.css";

type SharedSet = Schemas["SharedSet"];

export function SharePage() {
  const { link = "" } = useParams({ strict: false }) as { link?: string };
  const ref = useMemo(() => sharedRef(link), [link]);
  const { data: shared, error, refetch } = useQuery(sharedQuery(ref));
  useEffect(() => {
    document.title = shared?.name ? `${shared.name} · weft` : "weft";
  }, [shared?.name]);
  if (error instanceof ApiError && error.status === 404) return <Ended report={reportLinkOf(link)} />;
  if (error) return <PageFault title="This share could not be read" error={error} onRetry={refetch} />;
  if (!shared) return <LoadingPanels />;
  return (
    <main className={`share-page of-${shared.kind}`}>
      <Head shared={shared} project={ref} />
      <PassingViewProvider key={link} first={viewOf(shared)}>
        {shared.kind === "panel" ? <PanelOnly project={ref} /> : <Runs project={ref} shared={shared} />}
      </PassingViewProvider>
    </main>
  );
}

/** @param report the link of the report behind which it is a run's page */
function Ended({ report }: { report: string | null }) {
  if (report !== null)
    return (
      <div className="share-ended">
        <PageProblem icon="link" title="The link does not show this run">
          <span>
            The run was deleted, the report does not show it any more, or the link has ended.{" "}
            <Link to="/share/$link" params={{ link: report }}>
              Go to the report
            </Link>
          </span>
        </PageProblem>
      </div>
    );
  return (
    <div className="share-ended">
      <PageProblem icon="link" title="This link does not work">
        <span>
          What it showed is no longer shared, or a part of the link is missing. Ask the person who sent it to
          you for a new one.
        </span>
      </PageProblem>
    </div>
  );
}

function Head({ shared, project }: { shared: SharedSet; project: ProjectRef }) {
  const { expires_micros: end, n_runs: nRuns } = shared;
  const isRun = shared.kind === "run";
  const report = reportLinkOf(project.project);
  const { order, isGrouped } = useMemo(() => {
    const view = viewOf(shared);
    return { order: orderOf(view), isGrouped: view.groupBy.length > 0 };
  }, [shared]);
  const { data } = useQuery({ ...sharedRunsQuery(project, order), enabled: shared.kind !== "panel" });
  const run = isRun ? data?.runs[0] : undefined;
  // the curves of groups are of more runs than the table has
  const nDrawn = isGrouped ? CHART_RUNS : MOST_DRAWN;
  const runsText = formatNoun(nRuns, "run");
  const title = shared.name || (isRun ? (run?.name ?? "A run") : runsText);
  return (
    <header className="share-head">
      {report !== null && (
        <Link to="/share/$link" params={{ link: report }} className="btn q sm">
          <Icon name="left" isSmall /> Report
        </Link>
      )}
      <h1 dir="auto">{title}</h1>
      <span className="meta">
        {run && (
          <>
            <StateIcon state={run.state} /> {run.state}, <Ago micros={run.created_micros} suffix=" ago" />,{" "}
          </>
        )}
        {!isRun && shared.name !== "" && (
          <>
            {nRuns > nDrawn ? `the ${order.length > 0 ? "first" : "newest"} ${formatCount(nDrawn)} of ` : ""}
            {runsText},{" "}
          </>
        )}
        {!isRun && data && nRuns <= MOST_DRAWN && `${statesText(data.runs)}, `}
        read-only{end !== null && `, until ${formatDay(end)}`}
      </span>
      <a className="brand" href="/docs/sharing">
        weft
      </a>
    </header>
  );
}

/** The view of the page, from the document of the share. */
function viewOf({ kind, document }: SharedSet): View {
  if (kind !== "panel") {
    const view = { ...FIRST_VIEW, ...(document as Partial<View>) };
    const panels = Object.entries(view.panels).filter(([, { kind }]) => !kindNames(kind).isOfFiles);
    return withShownGroups({ ...view, panels: Object.fromEntries(panels) });
  }
  const { panel, settings } = document as { panel: Panel; settings?: Partial<PanelSettings> };
  const groupBy = panelGroups(settings?.groupBy);
  // of an id of its own: an automatic panel shows up only with its metric's section
  const own = makePanel("shared", panel.kind, "", {
    ...panel,
    id: "shared",
    section: "",
    settings: { ...settings, groupBy },
  });
  return { ...FIRST_VIEW, groupBy, panels: { shared: { ...own, span: 12, height: 480 } } };
}

const NO_HOMES = homesOf([]);

function PanelOnly({ project }: { project: ProjectRef }) {
  const view = useBoardView();
  const groupBy = useView((view) => view.groupBy);
  const groups = useMemo(() => ({ groupBy }), [groupBy]);
  const { data } = useQuery(sharedRowsQuery(project, groupBy.length > 0 ? CHART_RUNS : MOST_DRAWN));
  const board = useMemo(() => makeBoard(NO_HOMES, view, null), [view]);
  const runs = useMemo(() => data?.rows.map((row) => ({ ...row, tags: [] })) as unknown as Run[], [data]);
  if (!data) return <LoadingPanels />;
  return (
    <RunsBoard board={board} project={project} runs={runs} groups={groups}>
      <section className="panels" aria-label="Panels">
        <PanelScroll>
          <PanelBoard />
        </PanelScroll>
        <FullScreen />
        <TipLayer />
      </section>
    </RunsBoard>
  );
}

function Runs({ project, shared }: { project: ProjectRef; shared: SharedSet }) {
  const order = useView(orderOf);
  const { data, error, refetch } = useQuery(sharedRunsQuery(project, order));
  if (error) return <PageFault title="The runs could not be read" error={error} onRetry={refetch} />;
  if (!data) return <LoadingPanels />;
  return <Charts project={project} shared={shared} runs={data.runs} />;
}

interface ChartsProps {
  readonly project: ProjectRef;
  readonly shared: SharedSet;
  readonly runs: readonly Run[];
}

function Charts({ project, shared, runs }: ChartsProps) {
  const groups = useSharedGroups(project);
  const drawn = groups.runs ?? runs;
  const ids = useMemo(() => runs.map(({ id }) => id), [runs]);
  const { board, isPending } = useBoard(project, ids);
  const [run] = runs;
  const colored = useMemo(() => {
    const colors = new Map(drawn.map(({ id, color }) => [id, color]));
    return runs.map((listed) => ({ ...listed, color: colors.get(listed.id) ?? listed.color }));
  }, [runs, drawn]);
  const first = useView(({ order, pinned, table }) => [
    ...new Set([...order.map(({ column }) => column), ...pinned, ...table.pinned]),
  ]);
  const looks = useView(({ table }) => table.formats);
  return (
    <RunsBoard board={board} project={project} runs={drawn} groups={groups}>
      <section className="panels" aria-label="Panels">
        <PanelScroll>
          {shared.kind === "run" && run ? (
            <SharedRun project={project} run={run} />
          ) : (
            <SharedTable runs={colored} first={first} looks={looks} />
          )}
          {isPending || groups.isPending ? <LoadingPanels /> : board.isBare ? <NoMetrics /> : <PanelBoard />}
          {run && shared.shows_files && <SharedFiles project={project} run={run.id} />}
          {run && shared.shows_console && <SharedConsole project={project} run={run.id} />}
        </PanelScroll>
        <FullScreen />
        <TipLayer />
      </section>
    </RunsBoard>
  );
}
