/** Deleted runs of a project, and deleted projects, which can be restored. */

import { infiniteQueryOptions, type QueryClient, queryOptions } from "@tanstack/react-query";
import { projectPath, readJson, request, requestJson, runPath } from "./client";
import type { ProjectRef, Schemas } from "./types";

export type TrashedRun = Schemas["TrashedRun"];
export type TrashedView = Schemas["TrashedView"];
export type TrashedReport = Schemas["TrashedReport"];
export type TrashedProject = Schemas["TrashedProject"];

const PAGE_RUNS = 100;

function runsKey(ref: ProjectRef) {
  return ["trash", ref.entity, ref.project] as const;
}

/** The runs of a project in the trash, last deleted first, in pages. */
export function trashedRunsQuery(ref: ProjectRef) {
  return infiniteQueryOptions({
    queryKey: runsKey(ref),
    queryFn: ({ signal, pageParam }) => {
      const query = new URLSearchParams({
        limit: String(PAGE_RUNS),
        ...(pageParam && { cursor: pageParam }),
      });
      return requestJson<Schemas["Trash"]>(`${projectPath(ref)}/trash?${query}`, { signal });
    },
    initialPageParam: "",
    getNextPageParam: (page) => page.cursor ?? undefined,
    // the page shows what is there when it opens
    staleTime: 0,
  });
}

/** Projects in the trash, last deleted first. */
export const trashedProjectsQuery = queryOptions({
  queryKey: ["trash"] as const,
  queryFn: readJson<Schemas["TrashedProjectList"]>("/trash"),
  select: (page) => page.projects,
  staleTime: 0,
});

/** Delete one run permanently, whether it is in the trash or not. */
export async function deleteRunForGood(ref: ProjectRef, run: string): Promise<void> {
  await request(`${runPath(ref, run)}?permanently=true`, { method: "DELETE" });
}

/** Delete all runs, views and reports that a project has in the trash permanently. */
export async function emptyTrash(ref: ProjectRef): Promise<void> {
  await request(`${projectPath(ref)}/trash`, { method: "DELETE" });
}

/** Delete all projects in the trash permanently; how many there were. */
export async function emptyProjectTrash(): Promise<number> {
  return (await requestJson<Schemas["Emptied"]>("/trash", { method: "DELETE" })).n_done;
}

/** Have lists of the trash read again. */
export function refreshTrash(client: QueryClient): Promise<void> {
  return client.invalidateQueries({ queryKey: ["trash"] });
}
