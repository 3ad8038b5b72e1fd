/** The trash of projects and teams: a project comes back with the runs that it was deleted with. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { trashedTeamsQuery } from "@/api/people/teams";
import { projectId, projectsQuery, undeleteProject } from "@/api/projects";
import { emptyProjectTrash, refreshTrash, type TrashedProject, trashedProjectsQuery } from "@/api/trash";
import { formatCount, formatNoun } from "@/data/text/format";
import { Button } from "@/ui/controls/button";
import { PageFault } from "@/ui/signs/fault";
import { tellPageStatus } from "../page-status";
import { AskDialog } from "./ask-dialog";
import { DeletedTeams } from "./deleted-teams";
import { TrashFrame } from "./trash-frame";
import { DeletedCells, DeletedHeads } from "./trash-row";
import { useTrashWork } from "./use-trash-work";

export function ProjectTrashPage() {
  const query = useQuery(trashedProjectsQuery);
  const client = useQueryClient();
  const teams = useQuery(trashedTeamsQuery).data ?? [];
  const trash = useTrashWork();
  const { busy, question, ask, work } = trash;
  useEffect(() => tellPageStatus({ title: "Trash" }), []);

  if (query.error && !query.data)
    return <PageFault title="The trash could not be read" error={query.error} onRetry={query.refetch} />;
  const projects = query.data ?? [];
  const refresh = () =>
    Promise.all([refreshTrash(client), client.invalidateQueries({ queryKey: projectsQuery.queryKey })]);
  const restore = (project: TrashedProject) =>
    work(keyOf(project), `restore ${projectId(project)}`, async () => {
      await undeleteProject(project);
      await refresh();
      return `${projectId(project)} is restored with ${formatNoun(project.n_runs, "run")}`;
    });
  // of several deleted under one name, the server brings the last one back first
  const seen = new Set<string>();
  const rows = projects.map((project) => {
    const isOlder = seen.has(projectId(project));
    seen.add(projectId(project));
    return { project, isOlder };
  });
  return (
    <TrashFrame
      of="project"
      total={projects.length}
      nBytes={projects.reduce((sum, { n_bytes }) => sum + n_bytes, 0)}
      nEmptied={projects.length}
      isPending={query.isPending}
      isBusy={busy !== null}
      others={<DeletedTeams teams={teams} trash={trash} />}
      othersText={teams.length > 0 ? formatNoun(teams.length, "team") : ""}
      dialog={<AskDialog question={question} onClose={() => ask(null)} />}
      onEmpty={() =>
        ask({
          title: "Empty the trash?",
          text: `${formatNoun(projects.length, "project")} with all runs ${projects.length === 1 ? "is" : "are"} deleted from the server permanently.`,
          button: "Empty trash",
          run: () =>
            work("", "empty the trash", async () => {
              const n = await emptyProjectTrash();
              await refresh();
              return `${formatNoun(n, "project")} deleted permanently`;
            }),
        })
      }
    >
      <table className="data-table trash">
        <thead>
          <tr>
            <th>Project</th>
            <th className="number n-runs">Runs</th>
            <DeletedHeads />
          </tr>
        </thead>
        <tbody>
          {rows.map(({ project, isOlder }) => (
            <tr key={keyOf(project)}>
              <td className="ell w5" title={projectId(project)}>
                {projectId(project)}
              </td>
              <td className="number">{formatCount(project.n_runs)}</td>
              <DeletedCells {...project} />
              <td className="acts">
                <Button
                  isSmall
                  disabled={busy !== null || isOlder}
                  title={isOlder ? "Restore the one of this name that was deleted later first" : undefined}
                  aria-label={`Restore ${projectId(project)}`}
                  onClick={() => void restore(project)}
                >
                  Restore
                </Button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </TrashFrame>
  );
}

function keyOf(project: TrashedProject): string {
  return `${projectId(project)} ${project.trashed_micros}`;
}
