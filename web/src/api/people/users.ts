/**
 * The account of the person at the browser, the users of the server, and its key.
 */

import { queryOptions } from "@tanstack/react-query";
import { requestJson } from "../client";
import type { Schemas } from "../types";

/** The key of the server's own user; only administrators get it. It is not kept once no page shows it. */
export const serverKeyQuery = queryOptions({
  queryKey: ["server-key"],
  queryFn: async ({ signal }) => (await requestJson<Schemas["ServerKey"]>("/server/key", { signal })).api_key,
  gcTime: 0,
});

/** All users with accounts, by name; only administrators get them. */
export const usersQuery = queryOptions({
  queryKey: ["users"],
  queryFn: async ({ signal }) => (await requestJson<Schemas["UserList"]>("/users", { signal })).users,
  staleTime: 0,
});
export type User = Schemas["User"];
