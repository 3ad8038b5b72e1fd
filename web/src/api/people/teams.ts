/** Teams: their members, settings and service accounts. */

import { queryOptions } from "@tanstack/react-query";
import { jsonBody, readJson, request, requestJson } from "../client";
import type { Schemas } from "../types";

export type Team = Schemas["Team"];
export type TeamDetails = Schemas["TeamDetails"];
export type TeamEdit = Schemas["TeamEdit"];
export type TeamMember = Schemas["TeamMember"];
export type Role = TeamMember["role"];

/** In ascending order of rights. */
export const ROLES = ["viewer", "member", "admin"] as const satisfies readonly Role[];

/** One's teams, by name; administrators see all. */
export const teamsQuery = queryOptions({
  queryKey: ["teams"],
  queryFn: readJson<Schemas["TeamList"]>("/teams"),
});

/** The teams in the trash that one may restore. Its key is one of the trash. */
export const trashedTeamsQuery = queryOptions({
  queryKey: ["trash", "teams"] as const,
  queryFn: readJson<Schemas["TeamList"]>("/teams?trashed=true"),
  select: (page) => page.teams,
  staleTime: 0,
});

export function teamQuery(team: string) {
  return queryOptions({
    queryKey: ["team", team],
    queryFn: readJson<TeamDetails>(teamPath(team)),
    staleTime: 0,
    retry: false,
  });
}

export function createTeam(name: string, displayName: string): Promise<TeamDetails> {
  return requestJson<TeamDetails>(
    "/teams",
    jsonBody<"TeamAddition">("POST", { name, display_name: displayName }),
  );
}

export function editTeam(team: string, edit: TeamEdit): Promise<TeamDetails> {
  return requestJson<TeamDetails>(teamPath(team), jsonBody<"TeamEdit">("PATCH", edit));
}

/** Move a team with its projects to the trash. */
export async function deleteTeam(team: string): Promise<void> {
  await request(teamPath(team), { method: "DELETE" });
}

/** The locked runs and versions of a team's projects, which keep the team from being deleted, by project. */
export async function askTeamLocks(team: string): Promise<Schemas["TeamLocks"]["projects"]> {
  return (await requestJson<Schemas["TeamLocks"]>(`${teamPath(team)}/locks`)).projects;
}

export async function undeleteTeam(team: string): Promise<void> {
  await request(`${teamPath(team)}/undelete`, { method: "POST" });
}

/** Give a user a role in a team. */
export async function setMember(team: string, user: string, role: Role): Promise<void> {
  await request(memberPath(team, user), jsonBody<"Membership">("PUT", { role }));
}

/** Remove a member, or oneself. */
export async function removeMember(team: string, user: string): Promise<void> {
  await request(memberPath(team, user), { method: "DELETE" });
}

export function serviceAccountsQuery(team: string) {
  return queryOptions({
    queryKey: ["service-accounts", team],
    queryFn: async ({ signal }) =>
      (await requestJson<Schemas["ServiceAccountList"]>(`${teamPath(team)}/service-accounts`, { signal }))
        .service_accounts,
    staleTime: 0,
  });
}

export async function addServiceAccount(team: string, name: string): Promise<void> {
  await request(`${teamPath(team)}/service-accounts`, jsonBody<"ServiceAccountAddition">("POST", { name }));
}

/** Delete a service account with its keys; its runs stay. */
export async function deleteServiceAccount(team: string, name: string): Promise<void> {
  await request(`${teamPath(team)}/service-accounts/${encodeURIComponent(name)}`, { method: "DELETE" });
}

function teamPath(team: string): string {
  return `/teams/${encodeURIComponent(team)}`;
}

function memberPath(team: string, user: string): string {
  return `${teamPath(team)}/members/${encodeURIComponent(user)}`;
}
