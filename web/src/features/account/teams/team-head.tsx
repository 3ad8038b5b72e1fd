/** The head of a team's page, and what each page of a team is given. */

import type { ReactNode } from "react";
import type { TeamDetails } from "@/api/people/teams";
import { formatNoun } from "@/data/text/format";
import { Avatar } from "@/ui/signs/avatar";
import { SettingsHead } from "../settings-frame";

export interface TeamSectionProps {
  readonly details: TeamDetails;
  /** Whether one may change roles and settings. */
  readonly mayManage: boolean;
}

export function TeamHead({ details, action }: { details: TeamDetails; action?: ReactNode }) {
  const { team, members } = details;
  const nAccounts = members.filter(({ is_service_account }) => is_service_account).length;
  const nPeople = members.length - nAccounts;
  return (
    <SettingsHead
      title={
        <span className="row">
          <Avatar name={team.name} displayName={team.display_name} isTeam />
          <span className="team-name" dir="auto">
            {team.display_name || team.name}
          </span>
        </span>
      }
      action={action}
    >
      {team.description && (
        <span className="team-about" dir="auto">
          {team.description}
        </span>
      )}
      {nPeople === 1 ? "1 person" : `${nPeople} people`}
      {nAccounts > 0 && `, ${formatNoun(nAccounts, "service account")}`},{" "}
      {formatNoun(team.n_projects, "project")}.
      {team.display_name && team.display_name !== team.name && (
        <>
          {" "}
          Scripts name it <code className="mono">{team.name}</code>.
        </>
      )}
    </SettingsHead>
  );
}
