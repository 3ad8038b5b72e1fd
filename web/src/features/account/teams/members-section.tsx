/** `/teams/NAME`: the people of a team and their roles, and who is invited. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import type { OneTimeLink } from "@/api/people/invitations";
import {
  type Role,
  removeMember,
  setMember,
  type TeamMember,
  teamQuery,
  teamsQuery,
} from "@/api/people/teams";
import { usageQuery } from "@/api/people/usage";
import { serverQuery } from "@/api/projects";
import { formatBytes, formatCount, formatDay } from "@/data/text/format";
import { findWords } from "@/data/text/words";
import { Button } from "@/ui/controls/button";
import { IconButton } from "@/ui/controls/icon-button";
import { SegmentedControl } from "@/ui/controls/segmented-control";
import { Select } from "@/ui/controls/select";
import { TextField } from "@/ui/fields/field";
import { usePhone } from "@/ui/hooks/use-phone";
import { ConfirmDialog } from "@/ui/overlays/confirm-dialog";
import { Menu, MenuItem } from "@/ui/overlays/menu";
import { attempt, showDone } from "@/ui/overlays/toasts";
import { EmptyState } from "@/ui/signs/empty-state";
import { Ago } from "@/ui/text/ago";
import { LinkShown } from "../../people/link-shown";
import { ROLE_NAMES, RoleSelect } from "../../people/role-select";
import { choiceParameter, textParameter, useSearchState } from "../../search-state";
import { useMayChange } from "../../use-rights";
import { InvitationsCard } from "../invitations-card";
import { InviteDialog } from "../invite-dialog";
import { PersonCell } from "../person-cell";
import { usePages } from "../use-pages";
import { AddMemberDialog } from "./add-member-dialog";
import { DeleteServiceAccount } from "./delete-service-account";
import { TeamHead, type TeamSectionProps } from "./team-head";

const SEARCH = {
  search: textParameter("search"),
  kind: choiceParameter<Kind, Kind>("role", ["admin", "member", "viewer", "disabled"], "all"),
};
/** More members, and a field searches them. */
const IN_SIGHT = 8;

/** Members by role; `disabled` and `all` next to the roles. */
type Kind = "all" | Role | "disabled";
const KINDS: readonly { value: Kind; label: string }[] = [
  { value: "all", label: "All" },
  { value: "admin", label: "Admins" },
  { value: "member", label: "Members" },
  { value: "viewer", label: "Viewers" },
  { value: "disabled", label: "Disabled" },
];

function isOfKind({ role, is_disabled }: TeamMember, kind: Kind): boolean {
  return kind === "all" || (kind === "disabled" ? is_disabled : role === kind);
}

export function MembersSection({ details, mayManage }: TeamSectionProps) {
  const { team, members } = details;
  const [{ search, kind }, change] = useSearchState(SEARCH);
  // what each of them stores; the list does not wait for it
  const { data: usage } = useQuery(usageQuery(team.name));
  const people = useMemo(() => new Map(usage?.people.map((person) => [person.user, person])), [usage]);
  const [dialog, setDialog] = useState<"invite" | "add" | null>(null);
  const [link, setLink] = useState<{ title: string; link: OneTimeLink } | null>(null);
  const matches = members.filter(
    (member) => isOfKind(member, kind) && findWords(`${member.display_name} ${member.user}`, search) !== null,
  );
  const { first, foot } = usePages(matches, `${kind} ${search}`);
  const isNarrowed = search !== "" || kind !== "all";
  const kinds = KINDS.map(({ value, label }) => ({
    value,
    n: members.filter((member) => isOfKind(member, value)).length,
    label,
  }))
    .filter(({ value, n }) => n > 0 || value === kind || value === "all")
    .map(({ value, n, label }) => ({ value, label: `${label} ${formatCount(n)}` }));
  // five kinds with their numbers are wider than a phone
  const KindChoice = usePhone() ? Select<Kind> : SegmentedControl<Kind>;
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
      {(members.length > IN_SIGHT || isNarrowed) && (
        <div className="members-filter">
          <div className="settings-search">
            <TextField
              label="Search members"
              placeholder="Search members"
              isBare
              value={search}
              onChange={(text) => change({ search: text })}
            />
          </div>
          <KindChoice
            label="Members listed"
            value={kind}
            options={kinds}
            onChange={(kind) => change({ kind })}
          />
        </div>
      )}
      <section className="card table-card" aria-label="Members">
        {matches.length === 0 ? (
          <EmptyState icon="people" title={isNarrowed ? "No member matches" : "No members yet"}>
            {isNarrowed
              ? "Search for a part of a name or user name, or list all members."
              : "Invite the first one."}
          </EmptyState>
        ) : (
          <table className="data-table people-table members">
            <thead>
              <tr>
                <th>Person</th>
                <th className="wide-only">User name</th>
                <th className="role">Role</th>
                <th className="number runs">Runs</th>
                <th className="number stored">Files</th>
                {mayManage && <th className="last-seen">Last seen</th>}
                <th className="acts">
                  <span className="sr">More</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {first.map((member) => (
                <MemberRow
                  key={member.user}
                  team={team.name}
                  member={member}
                  usage={people.get(member.user) ?? (usage && NO_USAGE)}
                  mayManage={mayManage}
                />
              ))}
            </tbody>
          </table>
        )}
        {foot}
      </section>
      {mayManage && (
        <InvitationsCard
          team={team.name}
          onSent={(again, mail) =>
            setLink({ title: `The new invitation${mail ? ` of ${mail}` : ""}`, link: again })
          }
        />
      )}
      {dialog === "invite" && (
        <InviteDialog
          team={team.name}
          onMade={(link, mail) => setLink({ title: `The invitation${mail && ` of ${mail}`} is made`, link })}
          onClose={() => setDialog(null)}
        />
      )}
      {dialog === "add" && <AddMemberDialog team={team.name} onClose={() => setDialog(null)} />}
    </>
  );
}

/** Of members who logged nothing to the team's projects. */
const NO_USAGE = { n_runs: 0, file_bytes: 0 };

interface MemberRowProps {
  readonly team: string;
  readonly member: TeamMember;
  /** Undefined: not known yet. */
  readonly usage: typeof NO_USAGE | undefined;
  readonly mayManage: boolean;
}

function MemberRow({ team, member, usage, mayManage }: MemberRowProps) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const { data: you } = useQuery({ ...serverQuery, select: (server) => server.account });
  const [isAsking, setAsking] = useState(false);
  const mayChange = useMayChange();
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
        <PersonCell user={member.user} displayName={member.display_name} isYou={isYou}>
          {member.is_disabled && <span className="flag dan">disabled</span>}
          {member.is_service_account && <span className="flag neu">service account</span>}
        </PersonCell>
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
      <td className="number runs">{usage && formatCount(usage.n_runs)}</td>
      <td className="number stored">{usage && formatBytes(usage.file_bytes)}</td>
      {mayManage && (
        <td
          className="t2 last-seen"
          title={member.joined_micros > 0 ? `Joined ${formatDay(member.joined_micros)}` : undefined}
        >
          {member.seen_micros === null ? (
            <span className="muted">never</span>
          ) : (
            <Ago micros={member.seen_micros} suffix=" ago" />
          )}
        </td>
      )}
      <td className="acts">
        {(mayManage || (isYou && mayChange)) && (
          <Menu position="bottom-end" target={<IconButton icon="dots" label={`More of ${name}`} isSmall />}>
            <MenuItem icon={isYou ? "leave" : "x"} isDanger onChoose={() => setAsking(true)}>
              {isYou
                ? "Leave the team"
                : member.is_service_account
                  ? "Delete the service account"
                  : "Remove from the team"}
            </MenuItem>
          </Menu>
        )}
        <DeleteServiceAccount
          team={team}
          name={member.user}
          isOpen={isAsking && member.is_service_account}
          onClose={() => setAsking(false)}
        />
        <ConfirmDialog
          title={isYou ? `Leave ${team}?` : `Remove ${name} from ${team}?`}
          isOpen={isAsking && !member.is_service_account}
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
