/** One run: its head, and its tabs below it. The tabs have addresses of their own. */

import { useQuery } from "@tanstack/react-query";
import { Link, Navigate, Outlet, useLocation, useParams } from "@tanstack/react-router";
import { useEffect, useMemo, useRef, useState } from "react";
import { isGone } from "@/api/client";
import { useLive } from "@/api/live/live";
import { runQuery } from "@/api/runs/run";
import type { ProjectRef } from "@/api/types";
import { Skeleton, SkeletonRows } from "@/ui/signs/skeleton";
import { tellPageStatus } from "../page-status";
import { RunHead } from "./head/run-head";
import { RunProblem } from "./head/run-problem";
import { TAB_NAMES, TABS, tabOf } from "./run-tabs";
import { ShownRunContext } from "./shown-run";
import "./run-page.css";

export { ChartsTab } from "./charts-tab";
export { LogsTab } from "./logs/logs-tab";
export { OverviewTab } from "./overview/overview";
export { SystemTab } from "./system-tab";

export function RunPage() {
  const { entity, project, run } = useParams({ from: "/$entity/$project/runs/$run" });
  return <RunView key={`${entity}/${project}/${run}`} entity={entity} project={project} id={run} />;
}

function RunView({ entity, project, id }: ProjectRef & { id: string }) {
  const [ref] = useState<ProjectRef>({ entity, project });
  const link = useLive(ref);
  const query = useQuery(runQuery(ref, id));
  // while the server does not answer, the run stays; if it was deleted meanwhile, it does not
  const run = query.isError && isGone(query.error) ? undefined : query.data;
  const tab = useLocation({ select: ({ pathname }) => tabOf(pathname) });
  const tabs = useRef<HTMLElement>(null);
  const isShown = run !== undefined;
  // biome-ignore lint/correctness/useExhaustiveDependencies: a phone's row of tabs is wider than the page
  useEffect(() => {
    tabs.current?.querySelector("[aria-current]")?.scrollIntoView({ inline: "center", block: "nearest" });
  }, [isShown, tab]);
  const name = run?.name ?? null;
  const nRunning = run?.state === "running" ? 1 : 0;
  useEffect(
    () => tellPageStatus({ link, nRunning, liveNote: "running", title: name }),
    [link, nRunning, name],
  );
  const shown = useMemo(() => (run ? { project: ref, run } : null), [ref, run]);

  if (query.isError && !run)
    return <RunProblem project={ref} id={id} error={query.error} onRetry={() => void query.refetch()} />;
  if (!shown || !run) return <LoadingRun />;
  if (run.entity !== entity || run.project !== project)
    // It was moved: the server answers at its old address, too, but keeps its metrics at the new one.
    return (
      <Navigate
        to={TABS[tab]}
        params={{ entity: run.entity, project: run.project, run: run.id }}
        search={true}
        replace
      />
    );
  const params = { ...ref, run: id };
  return (
    <ShownRunContext value={shown}>
      <main className="run-page">
        <RunHead />
        <nav className="tabs" aria-label="Of this run" ref={tabs}>
          {TAB_NAMES.map(([name, label]) => (
            <Link
              key={name}
              to={TABS[name]}
              params={params}
              activeOptions={{ exact: name === "overview", includeSearch: false }}
            >
              {label}
            </Link>
          ))}
        </nav>
        <div className="run-body">
          <Outlet />
        </div>
      </main>
    </ShownRunContext>
  );
}

/** The layout that is to come. */
function LoadingRun() {
  return (
    <main className="run-page late" aria-busy="true">
      <div className="run-head">
        <Skeleton width={11} height={11} />
        <Skeleton width={220} height={16} />
      </div>
      <div className="tabs" />
      <div className="run-body">
        <div className="overview">
          {[6, 10, 12].map((n) => (
            <section className="card" key={n}>
              <SkeletonRows n={n} height={26} />
            </section>
          ))}
        </div>
      </div>
    </main>
  );
}
