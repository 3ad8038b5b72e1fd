/** All projects: searched, by entity, sorted; each with what it is about, how busy it is and its best run. */

import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { activityQuery, projectId, serverQuery } from "@/api/projects";
import type { Project } from "@/api/types";
import { formatCount, formatNoun } from "@/data/text/format";
import { findWords } from "@/data/text/words";
import { Button } from "@/ui/controls/button";
import { IconButton } from "@/ui/controls/icon-button";
import { SegmentedControl } from "@/ui/controls/segmented-control";
import { Select } from "@/ui/controls/select";
import { TextField } from "@/ui/fields/field";
import { EmptyState } from "@/ui/signs/empty-state";
import { Icon } from "@/ui/signs/icons";
import { SkeletonRows } from "@/ui/signs/skeleton";
import { ChooseAllBox, ChooseBox, ChosenBar, useChosenProjects } from "../people/chosen-projects";
import { type EntityCount, useEntities } from "./entities";
import { NewProject } from "./new-project";
import { usePinnedProjects } from "./pinned-projects";
import { ProjectRow } from "./project-row";

const PAGE = 20;
const DAYS = 30;
/** More than this, and entities are chosen in a menu. */
const ENTITIES_IN_SIGHT = 4;

type Sort = "active" | "name" | "runs" | "created";

const SORTS: readonly { value: Sort; label: string }[] = [
  { value: "active", label: "Last activity" },
  { value: "name", label: "Name" },
  { value: "runs", label: "Runs" },
  { value: "created", label: "Newest" },
];

const COMPARE: Record<Sort, (a: Project, b: Project) => number> = {
  active: (a, b) => b.active_micros - a.active_micros,
  name: (a, b) => a.project.localeCompare(b.project),
  runs: (a, b) => b.n_runs - a.n_runs,
  created: (a, b) => b.created_micros - a.created_micros,
};

interface ProjectListProps {
  readonly projects: readonly Project[];
  readonly entity: string | null;
  readonly isPending: boolean;
}

export function ProjectList({ projects, entity, isPending }: ProjectListProps) {
  const navigate = useNavigate();
  const pinned = usePinnedProjects((state) => state.ids);
  const [search, setSearch] = useState("");
  const [sort, setSort] = useState<Sort>("active");
  const [page, setPage] = useState(0);
  const [isMaking, setMaking] = useState(false);
  const days = useQuery(activityQuery(DAYS)).data;
  const entities = useEntities(projects);
  const hasAccount = useQuery({ ...serverQuery, select: (server) => server.account !== null }).data ?? false;
  const chosen = useChosenProjects(projects);
  const matches = projects
    .filter((project) => entity === null || project.entity === entity)
    .filter((project) => findWords(`${projectId(project)} ${project.description ?? ""}`, search) !== null)
    .sort(
      (a, b) =>
        Number(pinned.includes(projectId(b))) - Number(pinned.includes(projectId(a))) || COMPARE[sort](a, b),
    );
  const at = Math.min(page, Math.max(0, Math.ceil(matches.length / PAGE) - 1));
  const shown = matches.slice(at * PAGE, (at + 1) * PAGE);
  return (
    <main className="home project-list">
      <div className="lead">
        <h1>Projects</h1>
        <span className="muted tn">{isPending ? "" : formatCount(projects.length)}</span>
        <span className="grow" />
        <Link to="/reports" search={(entity === null ? {} : { entity }) as never} className="btn">
          <Icon name="doc" isSmall />
          Reports
        </Link>
        <Button look="ink" icon="plus" onClick={() => setMaking(true)}>
          New project
        </Button>
      </div>
      <div className="narrow">
        <div className="search">
          <TextField
            label="Search projects"
            isBare
            placeholder="Search projects"
            value={search}
            onChange={(text) => {
              setSearch(text);
              setPage(0);
            }}
          />
        </div>
        <EntityChoice
          entities={entities}
          entity={entity}
          onChange={(next) => {
            setPage(0);
            void navigate({ to: "/", search: { view: "projects", ...(next && { entity: next }) } });
          }}
        />
        <span className="grow" />
        <Select label="Sort" isLabelVisible value={sort} options={SORTS} onChange={setSort} />
      </div>
      <section className="card table-card" aria-label="Projects">
        {isPending ? (
          <SkeletonRows n={8} label="Loading projects" />
        ) : shown.length === 0 ? (
          <EmptyState
            icon="search"
            title="No project matches"
            action={
              <Button isSmall onClick={() => setSearch("")}>
                Clear search
              </Button>
            }
          >
            None is called or described as {search}.
          </EmptyState>
        ) : (
          <>
            <ChosenBar chosen={chosen} />
            <table className="data-table plist">
              <thead>
                <tr>
                  {hasAccount && (
                    <th className="pick">
                      <ChooseAllBox shown={shown} chosen={chosen} />
                    </th>
                  )}
                  <th className="star-col">
                    <span className="sr">At the top</span>
                  </th>
                  <th>Project</th>
                  <th className="entity">Entity</th>
                  <th className="number n-runs">Runs</th>
                  <th className="running">Running</th>
                  <th className="days">Runs per day, {DAYS} d</th>
                  <th className="active">Last activity</th>
                  <th className="key-name">Key metric</th>
                  <th className="number best">Best</th>
                  <th className="best-run">Run</th>
                  <th className="number size">Size</th>
                  <th className="menu">
                    <span className="sr">More</span>
                  </th>
                </tr>
              </thead>
              <tbody>
                {shown.map((project) => (
                  <ProjectRow
                    key={projectId(project)}
                    project={project}
                    pick={hasAccount && <ChooseBox project={project} chosen={chosen} />}
                    days={days ? (days[projectId(project)] ?? NO_DAYS) : null}
                  />
                ))}
              </tbody>
            </table>
          </>
        )}
      </section>
      <div className="row foot">
        <span className="meta tn">
          {matches.length > 0 &&
            `${formatCount(at * PAGE + 1)}–${formatCount(at * PAGE + shown.length)} of ${formatNoun(matches.length, "project")}`}
        </span>
        {matches.length > PAGE && (
          <>
            <IconButton
              icon="left"
              label="Previous projects"
              isSmall
              disabled={at === 0}
              onClick={() => setPage(at - 1)}
            />
            <IconButton
              icon="right"
              label="Next projects"
              isSmall
              disabled={(at + 1) * PAGE >= matches.length}
              onClick={() => setPage(at + 1)}
            />
          </>
        )}
      </div>
      <NewProject isOpen={isMaking} entities={entities} entity={entity} onClose={() => setMaking(false)} />
    </main>
  );
}

const NO_DAYS: readonly number[] = new Array(DAYS).fill(0);

interface EntityChoiceProps {
  readonly entities: readonly EntityCount[];
  readonly entity: string | null;
  onChange(entity: string | null): void;
}

function EntityChoice({ entities, entity, onChange }: EntityChoiceProps) {
  if (entities.length < 2) return null;
  const value = entity ?? "";
  const choose = (next: string) => onChange(next === "" ? null : next);
  if (entities.length > ENTITIES_IN_SIGHT) {
    const options = entities.map(({ name, n }) => ({ value: name, label: name, meta: formatCount(n) }));
    return (
      <Select
        label="Entity"
        isLabelVisible
        value={value}
        options={[{ value: "", label: "All" }, ...options]}
        onChange={choose}
      />
    );
  }
  return (
    <SegmentedControl
      label="Entity"
      value={value}
      options={[
        { value: "", label: "All" },
        ...entities.map(({ name, n }) => ({
          value: name,
          label: (
            <>
              {name} <span className="count tn">{formatCount(n)}</span>
            </>
          ),
        })),
      ]}
      onChange={choose}
    />
  );
}
