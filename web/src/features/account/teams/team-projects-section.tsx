/** `/teams/NAME/projects`: the projects of a team that one sees, with who else sees them. */

import { useQueries, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { accessQuery } from "@/api/people/access";
import { projectId, projectsQuery } from "@/api/projects";
import type { Project } from "@/api/types";
import { formatCount } from "@/data/text/format";
import { Button } from "@/ui/controls/button";
import { EmptyState } from "@/ui/signs/empty-state";
import { Fault } from "@/ui/signs/fault";
import { SkeletonRows } from "@/ui/signs/skeleton";
import { Ago } from "@/ui/text/ago";
import { AccessDialog } from "../../people/access-dialog";
import { ChooseAllBox, ChooseBox, ChosenBar, useChosenProjects } from "../../people/chosen-projects";
import { VisibilityMark } from "../../people/visibility";
import { SettingsHead } from "../settings-frame";
import type { TeamSectionProps } from "./team-head";

export function TeamProjectsSection({ details, mayManage }: TeamSectionProps) {
  const { name } = details.team;
  const { data: all, error, refetch } = useQuery(projectsQuery);
  const projects = all?.filter(({ entity }) => entity === name);
  const access = useQueries({ queries: (projects ?? []).map((project) => accessQuery(project)) });
  const chosen = useChosenProjects(projects ?? []);
  const [opened, setOpened] = useState<Project | null>(null);
  return (
    <>
      <SettingsHead title="Projects">Those of the team that you may see, and who else may.</SettingsHead>
      <section className="card table-card" aria-label="Projects">
        {error && !projects ? (
          <Fault title="The projects could not be read" error={error} onRetry={refetch} />
        ) : projects === undefined ? (
          <SkeletonRows n={4} label="Loading the projects" />
        ) : projects.length === 0 ? (
          <EmptyState icon="layers" title="No projects yet">
            <code className="mono">weft.init(entity="{name}", project="…")</code> makes the first one.
          </EmptyState>
        ) : (
          <>
            <ChosenBar chosen={chosen} />
            <table className="data-table people-table team-projects">
              <thead>
                <tr>
                  {mayManage && (
                    <th className="pick">
                      <ChooseAllBox shown={projects} chosen={chosen} />
                    </th>
                  )}
                  <th>Project</th>
                  <th className="seen">Seen by</th>
                  <th className="number runs">Runs</th>
                  <th className="wide-only">Last activity</th>
                  <th className="acts">
                    <span className="sr">Access</span>
                  </th>
                </tr>
              </thead>
              <tbody>
                {projects.map((project, i) => (
                  <tr key={projectId(project)}>
                    {mayManage && (
                      <td className="pick">
                        <ChooseBox project={project} chosen={chosen} />
                      </td>
                    )}
                    <td className="w5">
                      <Link
                        to="/$entity/$project"
                        params={{ entity: project.entity, project: project.project }}
                        className="plain"
                      >
                        {project.project}
                      </Link>
                    </td>
                    <td className="seen">{access[i]?.data && <VisibilityMark {...access[i].data} />}</td>
                    <td className="number runs">{formatCount(project.n_runs)}</td>
                    <td className="t2 wide-only">
                      <Ago micros={project.active_micros} suffix=" ago" />
                    </td>
                    <td className="acts">
                      <Button
                        isSmall
                        look="quiet"
                        aria-label={`Access to ${project.project}`}
                        onClick={() => setOpened(project)}
                      >
                        Access
                      </Button>
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </>
        )}
      </section>
      {opened && <AccessDialog project={opened} onClose={() => setOpened(null)} />}
    </>
  );
}
