/** Activity feeds: what people did in a project, or in the projects of a team. */

import { infiniteQueryOptions } from "@tanstack/react-query";
import { projectPath, requestJson } from "../client";
import type { ProjectRef, Schemas } from "../types";

export type ActivityEntry = Schemas["ActivityEntry"];
export type ActivityObject = Schemas["ActivityObject"];

const PAGE_ENTRIES = 50;
const REFRESH_MILLIS = 30_000;

export function projectActivityQuery(project: ProjectRef) {
  return feedQuery(["project", project.entity, project.project], `${projectPath(project)}/activity`);
}

export function teamActivityQuery(team: string) {
  return feedQuery(["team", team], `/teams/${encodeURIComponent(team)}/activity`);
}

export type ActivityQuery = ReturnType<typeof feedQuery>;

/** Entries, the newest first, in pages. */
function feedQuery(key: readonly string[], path: string) {
  return infiniteQueryOptions({
    queryKey: ["activity", ...key],
    queryFn: ({ signal, pageParam }) => {
      const query = new URLSearchParams({ limit: String(PAGE_ENTRIES) });
      if (pageParam) query.set("cursor", pageParam);
      return requestJson<Schemas["ActivityPage"]>(`${path}?${query}`, { signal });
    },
    initialPageParam: "",
    getNextPageParam: (page) => page.cursor ?? undefined,
    staleTime: 0,
    refetchInterval: REFRESH_MILLIS,
  });
}
