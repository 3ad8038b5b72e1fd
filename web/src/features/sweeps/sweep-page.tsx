/** One sweep: what it found, how its runs went over time, its agents and its configuration. */

import { usePrefetchQuery, useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { useEffect, useMemo } from "react";
import { ApiError } from "@/api/client";
import { useLive } from "@/api/live/live";
import { isOpen, type Sweep, sweepQuery, sweepRunsQuery } from "@/api/sweeps/sweeps";
import type { ProjectRef } from "@/api/types";
import { Button } from "@/ui/controls/button";
import { Fault } from "@/ui/signs/fault";
import { PageProblem } from "@/ui/signs/page-problem";
import { SkeletonRows } from "@/ui/signs/skeleton";
import { tellPageStatus } from "../page-status";
import { AgentsCard } from "./cards/agents-card";
import { BestTrialCard } from "./cards/best-trial-card";
import { ConfigurationCard } from "./cards/configuration-card";
import { NoRunsCard } from "./cards/no-runs-card";
import { SweepCards } from "./cards/sweep-cards";
import { WaitingCard } from "./cards/waiting-card";
import { SweepCharts } from "./sweep-charts";
import { SweepHead } from "./sweep-head";
import { isWaiting, nRuns, sweepName } from "./sweep-words";
import { TrialsCard } from "./trials/trials-card";
import { useTrialList } from "./trials/use-trial-list";
import { useRunNames } from "./use-run-names";
import "./sweep.css";

export function SweepPage() {
  const params: { entity?: string; project?: string; sweep?: string } = useParams({ strict: false });
  const { entity = "", project = "", sweep: id = "" } = params;
  const ref = useMemo(() => ({ entity, project }), [entity, project]);
  // asked for with the sweep, not after it
  usePrefetchQuery(sweepRunsQuery(ref, id, false));
  const query = useQuery(sweepQuery(ref, id));
  const sweep = query.data;
  const title = sweep ? sweepName(sweep) : null;
  const nRunning = sweep?.counts.running ?? 0;
  const link = useLive(ref);
  useEffect(() => tellPageStatus({ title, nRunning, link }), [title, nRunning, link]);
  const isMissing = query.error instanceof ApiError && query.error.status === 404;
  // what is known of a sweep that was deleted meanwhile is not shown
  if (sweep && !isMissing) return <OpenSweep key={id} project={ref} sweep={sweep} />;
  if (!query.error)
    return (
      <main className="sweep-page" aria-label="Sweep">
        <SkeletonRows n={12} height={34} />
      </main>
    );
  return (
    <PageProblem icon="warn" title={isMissing ? "No such sweep" : "The sweep could not be read"}>
      <span>
        {isMissing ? `${entity} / ${project} has no sweep ${id}. It may be deleted.` : query.error.message}
      </span>
      {isMissing ? (
        <Link to="/$entity/$project/sweeps" params={ref} className="btn sm">
          Sweeps of the project
        </Link>
      ) : (
        <Button isSmall onClick={() => void query.refetch()}>
          Try again
        </Button>
      )}
    </PageProblem>
  );
}

function OpenSweep({ project, sweep }: { project: ProjectRef; sweep: Sweep }) {
  const isLive = isOpen(sweep);
  const { data: runs, error, refetch } = useQuery(sweepRunsQuery(project, sweep.id, isLive));
  const names = useRunNames(project, sweep);
  const list = useTrialList(project, sweep);
  // the last runs end with the sweep, after which no interval asks for them
  useEffect(() => {
    if (!isLive) void refetch();
  }, [isLive, refetch]);
  return (
    <main className="sweep-page" aria-label={sweepName(sweep)}>
      <SweepHead project={project} sweep={sweep} />
      <div className="sweep-body">
        {sweep.error && (
          <p className="sweep-error" role="alert">
            {sweep.error}
          </p>
        )}
        {nRuns(sweep) > 0 && isWaiting(sweep) && <WaitingCard sweep={sweep} />}
        {sweep.description !== "" && <p className="sweep-description">{sweep.description}</p>}
        <SweepCards project={project} sweep={sweep} names={names} />
        <BestTrialCard sweep={sweep} />
        {nRuns(sweep) === 0 ? (
          <NoRunsCard sweep={sweep} />
        ) : runs || !error ? (
          <SweepCharts project={project} sweep={sweep} runs={runs} names={names} list={list}>
            <TrialsCard project={project} sweep={sweep} list={list} />
          </SweepCharts>
        ) : (
          <section className="card" aria-label="Charts">
            <Fault title="The runs of the sweep could not be read" error={error} onRetry={refetch} />
          </section>
        )}
        <div className="sweep-columns">
          <AgentsCard project={project} sweep={sweep} isLive={isLive} isDue={!!runs || !!error} />
          <ConfigurationCard sweep={sweep} />
        </div>
      </div>
    </main>
  );
}
