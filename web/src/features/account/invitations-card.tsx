/**
 * Invitations that can still be accepted, to a team or to the server.
 */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { invitationsQuery, withdrawInvitation } from "@/api/people/invitations";
import { formatDay } from "@/data/text/format";
import { Button } from "@/ui/controls/button";
import { attempt, showDone } from "@/ui/overlays/toasts";
import { Ago } from "@/ui/text/ago";

export function InvitationsCard({ team }: { team: string | null }) {
  const client = useQueryClient();
  const { data: invitations = [], error } = useQuery(invitationsQuery(team));
  const withdraw = (id: number) =>
    attempt("Could not withdraw the invitation", async () => {
      await withdrawInvitation(id);
      await client.invalidateQueries({ queryKey: ["invitations"] });
      showDone("The invitation is withdrawn");
    });
  if (error)
    return (
      <section className="card" aria-label="Invitations">
        <h2>Invitations</h2>
        <p role="alert">The invitations could not be read: {error.message}</p>
      </section>
    );
  if (invitations.length === 0) return null;
  return (
    <section className="card table-card" aria-label="Invitations">
      <div className="card-head">
        <h2>
          Invitations<span className="badge">{invitations.length}</span>
        </h2>
      </div>
      <table className="data-table people-table invitations">
        <thead>
          <tr>
            <th>For</th>
            {team === null && <th className="wide-only">Team</th>}
            <th className="role">Role</th>
            <th className="wide-only">Made</th>
            <th className="until">Works until</th>
            <th className="acts">
              <span className="sr">Withdraw</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {invitations.map((invitation) => (
            <tr key={invitation.id}>
              <td>{invitation.email ?? <span className="t2">the person with the link</span>}</td>
              {team === null && <td className="t2 wide-only">{invitation.team}</td>}
              <td className="t2">
                {invitation.is_admin ? "administrator" : invitation.team === null ? "user" : invitation.role}
              </td>
              <td className="t2 wide-only">
                <Ago micros={invitation.created_micros} suffix=" ago" /> by {invitation.created_by}
              </td>
              <td className="t2">{formatDay(invitation.expires_micros)}</td>
              <td className="acts">
                <Button isSmall look="quiet" onClick={() => void withdraw(invitation.id)}>
                  Withdraw
                </Button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
