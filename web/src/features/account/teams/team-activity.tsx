import { teamActivityQuery } from "@/api/people/activity";
import type { TeamDetails } from "@/api/people/teams";
import { ActivityFeed } from "../../people/activity-feed";
import { SettingsHead } from "../settings-frame";

/** Actions in those projects of a team that the reader may see, and its members' comings and goings. */
export function TeamActivity({ team }: { team: TeamDetails["team"] }) {
  return (
    <>
      <SettingsHead title="Activity">
        Runs, versions, views and sweeps in the projects of {team.display_name || team.name} that you may see,
        and who joined and left.
      </SettingsHead>
      <ActivityFeed
        isOfTeam
        query={teamActivityQuery(team.name)}
        emptyText="It tells who starts runs and how they end, and who joins the team."
      />
    </>
  );
}
