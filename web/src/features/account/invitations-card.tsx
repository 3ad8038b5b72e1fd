/** Invitations to a team or to the server, and what became of each. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import {
  type Invitation,
  invitationsQuery,
  inviteAgain,
  type OneTimeLink,
  withdrawInvitation,
} from "@/api/people/invitations";
import { formatDay } from "@/data/text/format";
import { IconButton } from "@/ui/controls/icon-button";
import { Menu, MenuItem } from "@/ui/overlays/menu";
import { attempt, showDone } from "@/ui/overlays/toasts";
import { Ago } from "@/ui/text/ago";
import { usePages } from "./use-pages";

const STATES: Record<Invitation["state"], string> = {
  open: "Open",
  used: "Used",
  expired: "Expired",
  revoked: "Revoked",
};

interface InvitationsCardProps {
  /** Null: all of the server. */
  readonly team: string | null;
  onSent(link: OneTimeLink, mail: string | null): void;
}

export function InvitationsCard({ team, onSent }: InvitationsCardProps) {
  const { data: invitations = [], error } = useQuery(invitationsQuery(team));
  const { first, foot } = usePages(invitations, "");
  if (error)
    return (
      <section className="card" aria-label="Invitations">
        <h2>Invitations</h2>
        <p role="alert">The invitations could not be read: {error.message}</p>
      </section>
    );
  if (invitations.length === 0) return null;
  const nOpen = invitations.filter(({ state }) => state === "open").length;
  return (
    <section className="card table-card" aria-label="Invitations">
      <div className="card-head">
        <h2>
          Invitations<span className="badge">{nOpen} open</span>
        </h2>
      </div>
      <table className="data-table people-table invitations">
        <thead>
          <tr>
            <th>For</th>
            {team === null && <th className="wide-only">Team</th>}
            <th className="role">Role</th>
            <th className="state">State</th>
            <th className="wide-only">Made</th>
            <th className="until wide-only">Works until</th>
            <th className="acts">
              <span className="sr">More</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {first.map((invitation) => (
            <InvitationRow
              key={invitation.id}
              invitation={invitation}
              hasTeam={team === null}
              onSent={onSent}
            />
          ))}
        </tbody>
      </table>
      {foot}
    </section>
  );
}

interface InvitationRowProps {
  readonly invitation: Invitation;
  /** Whether the table has invitations to several teams. */
  readonly hasTeam: boolean;
  onSent: InvitationsCardProps["onSent"];
}

function InvitationRow({ invitation, hasTeam, onSent }: InvitationRowProps) {
  const client = useQueryClient();
  const { id, email, state } = invitation;
  const isOpen = state === "open";
  const refresh = () => client.invalidateQueries({ queryKey: ["invitations"] });
  const sendAgain = () =>
    attempt("Could not send the invitation again", async () => {
      onSent(await inviteAgain(id), email);
      await refresh();
    });
  const withdraw = () =>
    attempt("Could not withdraw the invitation", async () => {
      await withdrawInvitation(id);
      await refresh();
      showDone("The invitation is withdrawn");
    });
  return (
    <tr>
      <td>{email ?? <span className="t2">the person with the link</span>}</td>
      {hasTeam && <td className="t2 wide-only">{invitation.team}</td>}
      <td className="t2">
        {invitation.is_admin ? "administrator" : invitation.team === null ? "user" : invitation.role}
      </td>
      <td className={isOpen ? undefined : "t2"}>{STATES[state]}</td>
      <td className="t2 wide-only">
        <Ago micros={invitation.created_micros} suffix=" ago" /> by {invitation.created_by || "this server"}
      </td>
      <td className="t2 wide-only">{isOpen && formatDay(invitation.expires_micros)}</td>
      <td className="acts">
        {state !== "used" && (
          <Menu
            position="bottom-end"
            target={
              <IconButton icon="dots" label={`More of the invitation of ${email ?? "a link"}`} isSmall />
            }
          >
            <MenuItem icon="link" onChoose={() => void sendAgain()}>
              {email === null ? "Make a new link" : "Send again"}
            </MenuItem>
            {isOpen && (
              <MenuItem icon="x" isDanger onChoose={() => void withdraw()}>
                Withdraw
              </MenuItem>
            )}
          </Menu>
        )}
      </td>
    </tr>
  );
}
