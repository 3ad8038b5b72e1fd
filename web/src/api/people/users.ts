/** The account of the person at the browser, the users of the server, and its key. */

import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { requestJson } from "../client";
import type { Schemas } from "../types";

/** The key of the server's own user; only administrators get it. It is not kept once no page shows it. */
export const serverKeyQuery = queryOptions({
  queryKey: ["server-key"],
  queryFn: async ({ signal }) => (await requestJson<Schemas["ServerKey"]>("/server/key", { signal })).api_key,
  gcTime: 0,
});

/** The first users with a text in their name or mail address, by name; only administrators get them. */
export function usersQuery(search: string, limit: number) {
  return queryOptions({
    queryKey: [...USERS_KEY, search, limit],
    queryFn: ({ signal }) => {
      const query = new URLSearchParams({ search, limit: String(limit) });
      return requestJson<Schemas["UserList"]>(`/users?${query}`, { signal });
    },
    placeholderData: keepPreviousData,
    staleTime: 0,
  });
}
/** The start of the keys of all `usersQuery`. */
export const USERS_KEY = ["users"];
export type User = Schemas["User"];

export type UserMatch = Schemas["UserMatch"];
const MATCHES = 8;

/** The first users with a text in their name: for administrators of all, for others of their teams. */
export function userMatchesQuery(search: string, limit = MATCHES) {
  return queryOptions({
    queryKey: ["user-matches", search, limit],
    queryFn: async ({ signal }) => {
      const query = new URLSearchParams({ search, limit: String(limit) });
      return (await requestJson<Schemas["UserMatches"]>(`/users/matches?${query}`, { signal })).users;
    },
  });
}
