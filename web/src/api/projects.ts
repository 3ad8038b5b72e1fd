/**
 * Projects and the server itself: query keys and options.
 */

import { queryOptions } from "@tanstack/react-query";
import { requestJson } from "./client";
import type { Project, ServerInfo } from "./types";

/** Home has no event stream (events are per project), so it asks again while it is looked at. */
const HOME_REFRESH_MILLIS = 10_000;

/** All projects, newest activity first. */
export const projectsQuery = queryOptions({
  queryKey: ["projects"],
  queryFn: ({ signal }) => requestJson<{ projects: Project[] }>("/projects", { signal }),
  select: (page) => page.projects,
  refetchInterval: HOME_REFRESH_MILLIS,
});

/** The server's version and the address that scripts reach it by. */
export const serverQuery = queryOptions({
  queryKey: ["server"],
  queryFn: ({ signal }) => requestJson<ServerInfo>("/server", { signal }),
  staleTime: Number.POSITIVE_INFINITY,
});
