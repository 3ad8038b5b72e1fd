/**
 * One run: its head, and the workspace's panels with this run alone.
 */

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useEffect, useMemo, useRef, useState } from "react";
import { ApiError } from "@/api/client";
import { useLive } from "@/api/live";
import { runQuery } from "@/api/runs";
import type { ProjectRef, Run } from "@/api/types";
import { formatExactly, formatNoun } from "@/data/format";
import { TipLayer } from "@/panels/tip-layer";
import { Ago } from "@/ui/ago";
import { CopyButton } from "@/ui/copy-button";
import { PageProblem } from "@/ui/page-problem";
import { useRunColor } from "@/ui/run-color";
import { StateIcon } from "@/ui/state-icon";
import { usePageStatus } from "../page-status";
import { Runtime } from "../runtime";
import { FullScreen } from "../workspace/full-screen";
import { PanelSections, useSections } from "../workspace/panel-sections";
import { Toolbar } from "../workspace/toolbar";
import { useSearchKeys } from "../workspace/use-search-keys";
import { usePanelRuns } from "../workspace/use-workspace-runs";
import { ViewProvider } from "../workspace/view-store";
import { LoadingPanels, NoMetrics, PanelScroll } from "../workspace/workspace";
import "../workspace/workspace.css";
import "./run-page.css";

interface RunPageProps extends ProjectRef {
  readonly run: string;
}

export function RunPage({ entity, project, run }: RunPageProps) {
  return (
    <ViewProvider key={run}>
      <RunView entity={entity} project={project} run={run} />
    </ViewProvider>
  );
}

function RunView({ entity, project, run: id }: RunPageProps) {
  const [ref] = useState<ProjectRef>({ entity, project });
  const [ids] = useState([id]);
  const link = useLive(ref);
  const query = useQuery(runQuery(ref, id));
  const { sections, query: metrics } = useSections(ref, ids);
  const run = query.data;
  const runs = useMemo(() => (run ? [run] : []), [run]);
  const { panelRuns, asked } = usePanelRuns(runs);
  const panelsSearch = useRef<HTMLInputElement>(null);
  useSearchKeys({ p: panelsSearch });
  const name = run?.name ?? null;
  const nRunning = run?.state === "running" ? 1 : 0;
  useEffect(() => {
    usePageStatus.setState({ link, nRunning, title: name });
    return () => usePageStatus.setState({ link: null, nRunning: 0, title: null });
  }, [link, nRunning, name]);

  if (query.isError && !run) {
    const isGone =
      query.error instanceof ApiError && (query.error.status === 404 || query.error.status === 410);
    return (
      <PageProblem icon="warn" title={isGone ? "There is no such run" : "The run could not be read"}>
        <span>{isGone ? `${id} was deleted, or the link is wrong.` : query.error.message}</span>
        <Link to="/$entity/$project" params={ref} className="btn sm">
          Go to {project}
        </Link>
      </PageProblem>
    );
  }
  const set = { project: ref, runs: panelRuns, asked, hasLegend: false };
  return (
    <main className="run-page">
      {run ? <RunHead run={run} /> : <div className="run-head" />}
      <section className="panels" aria-label="Panels">
        <Toolbar searchRef={panelsSearch} />
        <PanelScroll>
          {metrics.isPending || query.isPending ? (
            <LoadingPanels />
          ) : sections.length === 0 ? (
            <NoMetrics />
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

/** What a fork, or a rewound run, goes on from. */
function Origin({ run, fork }: { run: Run; fork: NonNullable<Run["fork"]> }) {
  const step = fork.step === null ? "its end" : `step ${formatExactly(fork.step)}`;
  if (fork.run === run.id)
    return (
      <div>
        <dt>Rewound to</dt>
        <dd className="tn">{step}</dd>
      </div>
    );
  const { entity, project } = run;
  return (
    <div>
      <dt>Forked from</dt>
      <dd className="tn">
        <Link to="/$entity/$project/runs/$run" params={{ entity, project, run: fork.run }} className="mono">
          {fork.run}
        </Link>{" "}
        at {step}
      </dd>
    </div>
  );
}

function RunHead({ run }: { run: Run }) {
  const color = useRunColor(run.id);
  return (
    <header className="run-head">
      <span className="sw-dot" style={{ background: `var(--w-run-${color})` }} />
      <h1 className="ell" title={run.name}>
        {run.name}
      </h1>
      <span className={`stat ${run.state}`}>
        <StateIcon state={run.state} />
        {run.state}
      </span>
      {run.warnings.length > 0 && (
        <span className="flag wrn" title={run.warnings.join("\n")}>
          {formatNoun(run.warnings.length, "warning")}
        </span>
      )}
      <dl>
        <div>
          <dt>Started</dt>
          <dd>
            <Ago micros={run.started_micros} suffix=" ago" />
          </dd>
        </div>
        <div>
          <dt>Runtime</dt>
          <dd className="tn">
            <Runtime run={run} />
          </dd>
        </div>
        {run.host && (
          <div>
            <dt>Host</dt>
            <dd className="mono ell" title={run.host}>
              {run.host}
            </dd>
          </div>
        )}
        <div>
          <dt>Id</dt>
          <dd className="mono">{run.id}</dd>
        </div>
        {run.fork && <Origin run={run} fork={run.fork} />}
      </dl>
      <span className="grow" />
      <CopyButton text={`${run.entity}/${run.project}/${run.id}`} label="Copy path" />
    </header>
  );
}
