/** Links that work once: invitations to the server or a team, and those for a new password. */

import { queryOptions } from "@tanstack/react-query";
import { jsonBody, request, requestJson } from "../client";
import type { Schemas } from "../types";

type InvitationAddition = Schemas["InvitationAddition"];
export type Invitation = Schemas["Invitation"];
export type OneTimeLink = Schemas["OneTimeLink"];

/** The newest invitations: to a team, or all on this server. */
export function invitationsQuery(team: string | null) {
  return queryOptions({
    queryKey: ["invitations", team],
    queryFn: async ({ signal }) => {
      const path = team === null ? "/invitations" : `/invitations?team=${encodeURIComponent(team)}`;
      return (await requestJson<Schemas["InvitationList"]>(path, { signal })).invitations;
    },
    staleTime: 0,
  });
}

export function invite(invitation: InvitationAddition): Promise<OneTimeLink> {
  return requestJson<OneTimeLink>("/invitations", jsonBody<"InvitationAddition">("POST", invitation));
}

/** Replace the link of an invitation by a new one, which is mailed where the server sends mail. */
export function inviteAgain(id: number): Promise<OneTimeLink> {
  return requestJson<OneTimeLink>(`/invitations/${id}/again`, { method: "POST" });
}

/** Withdraw an invitation: its link stops working. */
export async function withdrawInvitation(id: number): Promise<void> {
  await request(`/invitations/${id}`, { method: "DELETE" });
}

/** A link by which a user chooses a new password. */
export function createPasswordLink(user: string): Promise<OneTimeLink> {
  return requestJson<OneTimeLink>(`/users/${encodeURIComponent(user)}/password-link`, { method: "POST" });
}
