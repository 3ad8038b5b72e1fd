/**
 * Projects and the server itself: query keys and options.
 */

import { queryOptions } from "@tanstack/react-query";
import { projectPath, requestJson } from "./client";
import type { Project, ProjectRef, ServerInfo } from "./types";

/** Home has no event stream (events are per project), so it asks again while it is looked at. */
const HOME_REFRESH_MILLIS = 10_000;

/** All projects, newest activity first. */
export const projectsQuery = queryOptions({
  queryKey: ["projects"],
  queryFn: ({ signal }) => requestJson<{ projects: Project[] }>("/projects", { signal }),
  select: (page) => page.projects,
  refetchInterval: HOME_REFRESH_MILLIS,
});

/** One project; a 404 is an answer, not a failure: it has no runs yet. */
export function projectQuery(ref: ProjectRef) {
  return queryOptions({
    queryKey: ["project", ref.entity, ref.project],
    queryFn: ({ signal }) => requestJson<Project>(projectPath(ref), { signal }),
  });
}

/** The server's version and the address that scripts reach it by. */
export const serverQuery = queryOptions({
  queryKey: ["server"],
  queryFn: ({ signal }) => requestJson<ServerInfo>("/server", { signal }),
  staleTime: Number.POSITIVE_INFINITY,
});
