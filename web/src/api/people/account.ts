/**
 * The account of the person at the browser: profile, password, picture, and the browsers in which it is signed in.
 */

import { queryOptions } from "@tanstack/react-query";
import { jsonBody, readJson, request, requestJson } from "../client";
import type { Schemas } from "../types";

export type Account = Schemas["Account"];
export type AccountEdit = Schemas["AccountEdit"];
export type Session = Schemas["Session"];

export const accountQuery = queryOptions({
  queryKey: ["account"],
  queryFn: readJson<Account>("/account"),
});

/** Change a user's profile; what is missing stays. Administrators change the profiles of others. */
export function editAccount(user: string, edit: AccountEdit): Promise<Account> {
  return requestJson<Account>(
    `/users/${encodeURIComponent(user)}/account`,
    jsonBody<"AccountEdit">("PATCH", edit),
  );
}

/** Change one's own password. The other browsers are signed out. */
export async function changePassword(password: string, old: string | null): Promise<void> {
  const change = { password, old_password: old };
  await request("/account/password", jsonBody<"PasswordChange">("PUT", change));
}

/** The address of a user's picture; of a user without one, it shows their initials. */
export function pictureUrl(user: string): string {
  return `/api/v1/users/${encodeURIComponent(user)}/picture`;
}

/** Replace a user's picture; null: by their initials. */
export async function setPicture(user: string, picture: File | null): Promise<void> {
  const path = `/users/${encodeURIComponent(user)}/picture`;
  if (picture === null) await request(path, { method: "DELETE" });
  else await request(path, { method: "PUT", headers: { "content-type": picture.type }, body: picture });
  // browsers store pictures for some minutes
  await fetch(pictureUrl(user), { cache: "reload" });
}

/** The browsers that are signed in, the one used last first. */
export const sessionsQuery = queryOptions({
  queryKey: ["sessions"],
  queryFn: async ({ signal }) =>
    (await requestJson<Schemas["SessionList"]>("/sessions", { signal })).sessions,
  staleTime: 0,
});

/** Sign a browser out. */
export async function endSession(session: number | "current"): Promise<void> {
  await request(`/sessions/${session}`, { method: "DELETE" });
}

/** Sign out all browsers except this one. */
export async function endOtherSessions(): Promise<void> {
  await request("/sessions", { method: "DELETE" });
}
