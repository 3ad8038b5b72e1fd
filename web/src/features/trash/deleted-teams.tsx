/** The teams in the trash: each comes back with its members and projects. */

import { useQueryClient } from "@tanstack/react-query";
import { type Team, teamsQuery, undeleteTeam } from "@/api/people/teams";
import { projectsQuery } from "@/api/projects";
import { refreshTrash } from "@/api/trash";
import { formatCount, formatNoun } from "@/data/text/format";
import { Button } from "@/ui/controls/button";
import { Ago } from "@/ui/text/ago";
import type { TrashWork } from "./use-trash-work";

interface DeletedTeamsProps {
  readonly teams: readonly Team[];
  readonly trash: TrashWork;
}

export function DeletedTeams({ teams, trash: { busy, work } }: DeletedTeamsProps) {
  const client = useQueryClient();
  if (teams.length === 0) return null;
  const restore = ({ name, n_projects }: Team) =>
    work(name, `restore ${name}`, async () => {
      await undeleteTeam(name);
      await Promise.all([
        refreshTrash(client),
        client.invalidateQueries({ queryKey: teamsQuery.queryKey }),
        client.invalidateQueries({ queryKey: projectsQuery.queryKey }),
      ]);
      return `${name} is restored with ${formatNoun(n_projects, "project")}`;
    });
  return (
    <section className="card table-card" aria-label="Deleted teams">
      <table className="data-table trash">
        <thead>
          <tr>
            <th>Team</th>
            <th className="number n-runs">Members</th>
            <th className="number n-runs">Projects</th>
            <th className="deleted">Deleted</th>
            <th className="acts">
              <span className="sr">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {teams.map((team) => (
            <tr key={team.name}>
              <td className="ell w5" title={team.name}>
                {team.display_name || team.name}
              </td>
              <td className="number counts">{formatCount(team.n_members)}</td>
              <td className="number counts">{formatCount(team.n_projects)}</td>
              <td className="t2">
                {team.trashed_micros && <Ago micros={team.trashed_micros} suffix=" ago" />}
              </td>
              <td className="acts">
                <Button
                  isSmall
                  disabled={busy !== null}
                  aria-label={`Restore the team ${team.name}`}
                  onClick={() => void restore(team)}
                >
                  Restore
                </Button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
