/**
 * `/teams/NAME`: the people of a team and their roles, and who is invited.
 */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import type { OneTimeLink } from "@/api/people/invitations";
import {
  type Role,
  removeMember,
  setMember,
  type TeamMember,
  teamQuery,
  teamsQuery,
} from "@/api/people/teams";
import { serverQuery } from "@/api/projects";
import { findWords } from "@/data/text/words";
import { Button } from "@/ui/controls/button";
import { IconButton } from "@/ui/controls/icon-button";
import { TextField } from "@/ui/fields/field";
import { ConfirmDialog } from "@/ui/overlays/confirm-dialog";
import { Menu, MenuItem } from "@/ui/overlays/menu";
import { attempt, showDone } from "@/ui/overlays/toasts";
import { EmptyState } from "@/ui/signs/empty-state";
import { Ago } from "@/ui/text/ago";
import { LinkShown } from "../../people/link-shown";
import { ROLE_NAMES, RoleSelect } from "../../people/role-select";
import { Person } from "../../person";
import { textParameter, useSearchState } from "../../search-state";
import { InvitationsCard } from "../invitations-card";
import { InviteDialog } from "../invite-dialog";
import { AddMemberDialog } from "./add-member-dialog";
import { TeamHead, type TeamSectionProps } from "./team-head";

const SEARCH = { search: textParameter("search") };
/** More members, and a field searches them. */
const IN_SIGHT = 8;

export function MembersSection({ details, mayManage }: TeamSectionProps) {
  const { team, members } = details;
  const [{ search }, change] = useSearchState(SEARCH);
  const [dialog, setDialog] = useState<"invite" | "add" | null>(null);
  const [link, setLink] = useState<{ title: string; link: OneTimeLink } | null>(null);
  const matches = members.filter(
    ({ user, display_name }) => findWords(`${display_name} ${user}`, search) !== null,
  );
  return (
    <>
      <TeamHead
        details={details}
        action={
          mayManage && (
            <span className="row">
              <Button onClick={() => setDialog("add")}>Add a user</Button>
              <Button look="ink" icon="plus" onClick={() => setDialog("invite")}>
                Invite
              </Button>
            </span>
          )
        }
      />
      {link && <LinkShown {...link} onClose={() => setLink(null)} />}
      {(members.length > IN_SIGHT || search !== "") && (
        <div className="settings-search">
          <TextField
            label="Search members"
            placeholder="Search members"
            isBare
            value={search}
            onChange={(text) => change({ search: text })}
          />
        </div>
      )}
      <section className="card table-card" aria-label="Members">
        {matches.length === 0 ? (
          <EmptyState icon="people" title={search ? "No member matches" : "No members yet"}>
            {search ? `None is called ${search}.` : "Invite the first one."}
          </EmptyState>
        ) : (
          <table className="data-table people-table members">
            <thead>
              <tr>
                <th>Person</th>
                <th className="wide-only">User name</th>
                <th className="role">Role</th>
                <th className="wide-only">Joined</th>
                <th className="acts">
                  <span className="sr">More</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {matches.map((member) => (
                <MemberRow key={member.user} team={team.name} member={member} mayManage={mayManage} />
              ))}
            </tbody>
          </table>
        )}
      </section>
      {mayManage && <InvitationsCard team={team.name} />}
      {dialog === "invite" && (
        <InviteDialog
          team={team.name}
          onMade={(made, mail) =>
            setLink({ title: `The invitation${mail && ` of ${mail}`} is made`, link: made })
          }
          onClose={() => setDialog(null)}
        />
      )}
      {dialog === "add" && <AddMemberDialog team={team.name} onClose={() => setDialog(null)} />}
    </>
  );
}

interface MemberRowProps {
  readonly team: string;
  readonly member: TeamMember;
  readonly mayManage: boolean;
}

function MemberRow({ team, member, mayManage }: MemberRowProps) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const { data: you } = useQuery({ ...serverQuery, select: (server) => server.account });
  const [isAsking, setAsking] = useState(false);
  const isYou = member.user === you;
  const name = member.display_name || member.user;
  const refresh = () =>
    Promise.all([
      client.invalidateQueries({ queryKey: teamQuery(team).queryKey }),
      client.invalidateQueries({ queryKey: teamsQuery.queryKey }),
    ]);
  const changeRole = (role: Role) =>
    attempt(`Could not change the role of ${name}`, async () => {
      await setMember(team, member.user, role);
      await refresh();
      showDone(`${name} is ${ROLE_NAMES[role].toLowerCase()} of ${team}`, {
        label: "Undo",
        run: () => void changeRole(member.role),
      });
    });
  const remove = async () => {
    setAsking(false);
    await attempt(isYou ? `Could not leave ${team}` : `Could not remove ${name}`, async () => {
      await removeMember(team, member.user);
      showDone(isYou ? `You left ${team}` : `${name} is no member of ${team} any more`);
      if (isYou) await navigate({ to: "/" });
      await refresh();
    });
  };
  return (
    <tr>
      <td className="w5">
        <span className="row">
          <Person user={member.user} displayName={member.display_name} note={isYou ? "you" : null} />
          {member.is_disabled && <span className="flag neu">disabled</span>}
          {member.is_service_account && <span className="flag neu">service account</span>}
        </span>
      </td>
      <td className="mono t2 wide-only">{member.user}</td>
      <td className="role">
        <RoleSelect
          of={name}
          role={member.role}
          isDisabled={!mayManage}
          onChange={(role) => void changeRole(role)}
        />
      </td>
      <td className="t2 wide-only">
        {member.joined_micros > 0 && <Ago micros={member.joined_micros} suffix=" ago" />}
      </td>
      <td className="acts">
        {(mayManage || isYou) && (
          <Menu position="bottom-end" target={<IconButton icon="dots" label={`More of ${name}`} isSmall />}>
            <MenuItem icon={isYou ? "leave" : "x"} isDanger onChoose={() => setAsking(true)}>
              {isYou ? "Leave the team" : "Remove from the team"}
            </MenuItem>
          </Menu>
        )}
        <ConfirmDialog
          title={isYou ? `Leave ${team}?` : `Remove ${name} from ${team}?`}
          isOpen={isAsking}
          action={isYou ? "Leave" : "Remove"}
          onClose={() => setAsking(false)}
          onConfirm={() => void remove()}
        >
          <p className="dialog-text">
            {isYou ? "You" : name} can no longer open the team's private projects, and scripts that log to
            them are refused. Runs and artifacts stay with the team.
          </p>
        </ConfirmDialog>
      </td>
    </tr>
  );
}
