/** Beside Home's tables: projects, and the alerts of runs on the page. */

import { useQueries, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Fragment } from "react";
import { activityQuery, projectId } from "@/api/projects";
import { alertsQuery } from "@/api/runs/run-details";
import type { Project, Run } from "@/api/types";
import { formatCount, formatNoun } from "@/data/text/format";
import { Icon } from "@/ui/signs/icons";
import { Ago } from "@/ui/text/ago";
import { DayBars } from "./day-bars";
import { type EntityCount, useEntities } from "./entities";
import { PinButton } from "./pin-button";
import { usePinnedProjects } from "./pinned-projects";

const PROJECTS = 8;
const ENTITIES = 4;
const DAYS = 21;

/** The first projects of each entity, in the order of the entities, and at least one of each that is shown. */
export function byEntity(sorted: readonly Project[], entities: readonly EntityCount[]) {
  const nEach = Math.max(2, Math.ceil(PROJECTS / Math.max(1, entities.length)));
  return entities.slice(0, ENTITIES).map(({ name }) => ({
    entity: name,
    projects: sorted.filter(({ entity }) => entity === name).slice(0, nEach),
  }));
}

export function ProjectsCard({ projects }: { projects: readonly Project[] }) {
  const pinned = usePinnedProjects((state) => state.ids);
  const activity = useQuery(activityQuery(DAYS)).data;
  const rank = (project: Project) =>
    (pinned.includes(projectId(project)) ? 0 : 2) + (project.n_running > 0 ? 0 : 1);
  const sorted = [...projects].sort((a, b) => rank(a) - rank(b) || b.active_micros - a.active_micros);
  const groups = byEntity(sorted, useEntities(projects));
  return (
    <section className="card projects" aria-label="Projects">
      <h3>
        Projects
        <span className="grow" />
        <Link to="/" search={{ view: "projects" }} className="all">
          All {formatCount(projects.length)}
        </Link>
      </h3>
      {groups.map(({ entity, projects: shown }) => (
        <Fragment key={entity}>
          {groups.length > 1 && (
            <h4>
              <Link to="/" search={{ view: "projects", entity }} className="plain">
                {entity}
              </Link>
            </h4>
          )}
          {shown.map((project) => (
            <ProjectLine key={projectId(project)} project={project} days={activity?.[projectId(project)]} />
          ))}
        </Fragment>
      ))}
    </section>
  );
}

interface ProjectLineProps {
  readonly project: Project;
  /** Number of runs by day. */
  readonly days: readonly number[] | undefined;
}

function ProjectLine({ project, days }: ProjectLineProps) {
  return (
    <div className="it">
      <PinButton project={project} />
      <Link to="/$entity/$project" params={project} className="plain ell">
        <span className="muted">{project.entity} /</span> <span className="w5">{project.project}</span>
      </Link>
      <DayBars counts={days ?? NO_DAYS} />
      <span className="sb tn">
        {formatNoun(project.n_runs, "run")}
        {project.n_running > 0 ? (
          `, ${formatCount(project.n_running)} running`
        ) : (
          <>
            , <Ago micros={project.active_micros} suffix=" ago" />
          </>
        )}
      </span>
    </div>
  );
}

const NO_DAYS: readonly number[] = new Array(DAYS).fill(0);

/** Runs whose alerts are asked for, and alerts that are shown. */
const ALERTED = 6;
const ALERTS = 6;

export function AlertsCard({ runs }: { runs: readonly Run[] }) {
  const alerted = runs.filter((run) => run.n_alerts > 0).slice(0, ALERTED);
  const alerts = useQueries({
    queries: alerted.map((run) => alertsQuery(run)),
    combine: (results) =>
      results
        .flatMap(({ data }, i) => (data ?? []).map((alert) => ({ ...alert, run: alerted[i]! })))
        .sort((a, b) => b.time_micros - a.time_micros),
  });
  if (alerts.length === 0) return null;
  return (
    <section className="card alerts-card" aria-label="Alerts">
      <h3>
        Alerts<span className="badge">{formatCount(alerts.length)}</span>
      </h3>
      {alerts.slice(0, ALERTS).map((alert) => (
        <Link
          key={`${alert.run.id} ${alert.time_micros} ${alert.title}`}
          to="/$entity/$project/runs/$run"
          params={{ entity: alert.run.entity, project: alert.run.project, run: alert.run.id }}
          className={`it ${alert.level.toLowerCase()}`}
          title={alert.text}
        >
          <Icon name={alert.level === "INFO" ? "info" : "warn"} isSmall />
          <span className="w5 ell">
            <span className="sr">{alert.level.toLowerCase()}: </span>
            {alert.title}
          </span>
          <span className="meta tn">
            <Ago micros={alert.time_micros} />
          </span>
          <span className="sb ell">{alert.run.name}</span>
        </Link>
      ))}
    </section>
  );
}
