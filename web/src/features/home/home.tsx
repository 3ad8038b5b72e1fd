/**
 * Home: what is running, what ended lately, and the projects.
 */

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useEffect } from "react";
import { projectsQuery } from "@/api/projects";
import type { Project } from "@/api/types";
import { formatCount, formatNoun } from "@/data/format";
import { Ago } from "@/ui/ago";
import { Icon } from "@/ui/icons";
import { PageProblem } from "@/ui/page-problem";
import { usePageStatus } from "../page-status";
import { FirstProject } from "./first-project";
import { RecentTable, RunningTable } from "./run-tables";
import { useRecentRuns } from "./use-recent-runs";
import "./home.css";

const RECENT_RUNS = 14;
const RECENT_PROJECTS = 12;

export function HomePage() {
  const query = useQuery(projectsQuery);
  const projects = query.data ?? [];
  const { running, ended, isPending } = useRecentRuns(projects);
  const nRunning = projects.reduce((n, project) => n + project.n_running, 0);
  useEffect(() => {
    usePageStatus.setState({ link: null, nRunning });
    return () => usePageStatus.setState({ link: null, nRunning: 0 });
  }, [nRunning]);

  if (query.isError && !query.data) {
    return (
      <PageProblem icon="warn" title="The server does not answer">
        <span>{query.error.message}. This page tries again by itself.</span>
        <button type="button" className="btn sm" onClick={() => query.refetch()}>
          Try now
        </button>
      </PageProblem>
    );
  }
  if (query.isSuccess && projects.length === 0) return <FirstProject />;
  const isLoading = query.isPending || (isPending && running.length + ended.length === 0);
  if (isLoading) {
    return (
      <main className="home">
        <div className="home-grid">
          <LoadingCard />
        </div>
      </main>
    );
  }
  return (
    <main className="home">
      <div className="home-grid">
        <div>
          {(running.length > 0 || nRunning > 0) && (
            <section aria-label="Running">
              <h2 className="h2">
                Running<span className="badge">{formatCount(nRunning)}</span>
              </h2>
              <RunningTable runs={running} />
            </section>
          )}
          <section aria-label="Recent">
            <h2 className="h2">Recent</h2>
            {ended.length > 0 ? (
              <RecentTable runs={ended.slice(0, RECENT_RUNS)} />
            ) : (
              <section className="card note">No run has ended yet.</section>
            )}
          </section>
        </div>
        <ProjectsCard projects={projects} />
      </div>
    </main>
  );
}

function ProjectsCard({ projects }: { projects: readonly Project[] }) {
  const sorted = [...projects].sort(
    (a, b) => Number(b.n_running > 0) - Number(a.n_running > 0) || b.active_micros - a.active_micros,
  );
  return (
    <section className="card projects" aria-label="Projects">
      <h3>
        Projects<span className="badge">{projects.length}</span>
      </h3>
      {sorted.slice(0, RECENT_PROJECTS).map((project) => (
        <Link
          key={`${project.entity}/${project.project}`}
          to="/$entity/$project"
          params={{ entity: project.entity, project: project.project }}
          className="it"
        >
          <Icon name="layers" isSmall />
          <span className="ell">
            <span className="muted">{project.entity} /</span> <span className="w5">{project.project}</span>
          </span>
          <span className="meta tn">
            {project.n_running > 0 ? "now" : <Ago micros={project.active_micros} />}
          </span>
          <span className="sb tn">
            {formatNoun(project.n_runs, "run")}
            {project.n_running > 0 && `, ${formatCount(project.n_running)} running`}
          </span>
          {project.n_running > 0 && <span className="live-dot" />}
        </Link>
      ))}
    </section>
  );
}

function LoadingCard() {
  return (
    <section className="card late" role="status" aria-label="Loading">
      {Array.from({ length: 8 }, (_, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: eight equal placeholders
        <div key={i} className="row sk-row">
          <span className="sk" style={{ width: 9, height: 9, borderRadius: "50%" }} />
          <span className="sk" style={{ width: 120 + ((i * 53) % 80), height: 9 }} />
        </div>
      ))}
    </section>
  );
}
