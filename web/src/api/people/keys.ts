/** Keys of scripts: one's own, and those of the service accounts of a team. */

import { queryOptions } from "@tanstack/react-query";
import { jsonBody, request, requestJson } from "../client";
import type { Schemas } from "../types";

export type Key = Schemas["Key"];
export type KeyAddition = Schemas["KeyAddition"];
export type NewKey = Schemas["NewKey"];
export type KeyScope = Key["scope"];

/** Each allows what those before it allow. */
export const KEY_SCOPES = ["read", "log", "write", "admin"] as const satisfies readonly KeyScope[];

/** The keys of a service account, or one's own (null), the newest first. */
export function keysQuery(user: string | null) {
  return queryOptions({
    queryKey: ["keys", user],
    queryFn: async ({ signal }) => (await requestJson<Schemas["KeyList"]>(keysPath(user), { signal })).keys,
    staleTime: 0,
  });
}

/** Make a key; no later answer has its text. */
export function createKey(user: string | null, key: KeyAddition): Promise<NewKey> {
  return requestJson<NewKey>(keysPath(user), jsonBody<"KeyAddition">("POST", key));
}

/** Revoke a key: the server refuses it from now on. */
export async function revokeKey(id: number): Promise<void> {
  await request(`/keys/${id}`, { method: "DELETE" });
}

function keysPath(user: string | null): string {
  return user === null ? "/keys" : `/keys?user=${encodeURIComponent(user)}`;
}
