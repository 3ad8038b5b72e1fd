/** Home: what is running, what ended lately, the projects; or the list of all projects. */

import { useQuery } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";
import { useEffect } from "react";
import { projectsQuery } from "@/api/projects";
import type { Project } from "@/api/types";
import { formatCount } from "@/data/text/format";
import { Button } from "@/ui/controls/button";
import { PageProblem } from "@/ui/signs/page-problem";
import { SkeletonRows } from "@/ui/signs/skeleton";
import { tellPageStatus } from "../page-status";
import { FirstProject } from "./first-project";
import { ProjectList } from "./project-list";
import { recentEntries } from "./runs/recent-entries";
import { RecentTable } from "./runs/recent-table";
import { Running } from "./runs/running-table";
import { useRecentRuns } from "./runs/use-recent-runs";
import { AlertsCard, ProjectsCard } from "./side-cards";
import "./home.css";

const RECENT_RUNS = 14;
/** An answer may be late once; twice, and the server is away. */
const LOST_AFTER = 2;

export function HomePage() {
  const { view, entity } = useSearch({ from: "/" });
  const query = useQuery(projectsQuery);
  const projects = query.data ?? [];
  const nRunning = projects.reduce((n, project) => n + project.n_running, 0);
  const isLost = query.isError || query.failureCount >= LOST_AFTER;
  useEffect(() => tellPageStatus({ link: isLost ? "lost" : null, nRunning }), [isLost, nRunning]);

  if (query.isError && !query.data) {
    return (
      <PageProblem icon="warn" title="The server does not answer">
        <span>{query.error.message}. This page tries again by itself.</span>
        <Button isSmall onClick={() => void query.refetch()}>
          Try now
        </Button>
      </PageProblem>
    );
  }
  if (query.isSuccess && projects.length === 0) return <FirstProject />;
  if (view === "projects") {
    return <ProjectList projects={projects} entity={entity ?? null} isPending={query.isPending} />;
  }
  return <Home projects={projects} isPending={query.isPending} />;
}

function Home({ projects, isPending }: { projects: readonly Project[]; isPending: boolean }) {
  const { running, ended, isPending: areRunsPending } = useRecentRuns(projects);
  const nRunning = projects.reduce((n, project) => n + project.n_running, 0);
  if (isPending || (areRunsPending && running.length + ended.length === 0)) {
    return (
      <main className="home">
        <div className="home-grid">
          <section className="card">
            <SkeletonRows n={8} />
          </section>
        </div>
      </main>
    );
  }
  return (
    <main className="home">
      <div className="home-grid">
        <div>
          {running.length > 0 && <Running runs={running} nRunning={nRunning} />}
          <section aria-label="Recent">
            <h2 className="h2">
              Recent
              {ended.length > 0 && <span className="meta">what ended last, and how</span>}
            </h2>
            {ended.length > 0 ? (
              <RecentTable entries={recentEntries(ended).slice(0, RECENT_RUNS)} projects={projects} />
            ) : (
              <div className="card note">
                {nRunning > 0
                  ? `No run has ended yet; ${formatCount(nRunning)} at work.`
                  : "No run has ended yet."}
              </div>
            )}
          </section>
        </div>
        <div className="side">
          <ProjectsCard projects={projects} />
          <AlertsCard runs={[...running, ...ended.slice(0, RECENT_RUNS)]} />
        </div>
      </div>
    </main>
  );
}
