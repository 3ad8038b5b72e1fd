/**
 * Runs of a project: the list, one run, and edits of it.
 */

import {
  infiniteQueryOptions,
  keepPreviousData,
  type QueryClient,
  queryOptions,
} from "@tanstack/react-query";
import { jsonBody, projectPath, request, requestJson } from "./client";
import type { ProjectRef, Run, RunPage } from "./types";

const PAGE_RUNS = 1000;

/** What the runs list is asked for. */
export interface RunSearch {
  readonly search: string;
  readonly regex: boolean;
}

function runPath(ref: ProjectRef, run: string): string {
  return `${projectPath(ref)}/runs/${encodeURIComponent(run)}`;
}

/** The prefix of the keys of all run lists of a project. */
export function runsKey(ref: ProjectRef) {
  return ["runs", ref.entity, ref.project] as const;
}

/** Runs of a project that match a search, newest first, in pages of 1,000. */
export function runsQuery(ref: ProjectRef, { search, regex }: RunSearch) {
  return infiniteQueryOptions({
    queryKey: [...runsKey(ref), search, regex],
    queryFn: ({ signal, pageParam }) => {
      const query = new URLSearchParams({ limit: String(PAGE_RUNS) });
      if (search) query.set("search", search);
      if (search && regex) query.set("regex", "true");
      if (pageParam) query.set("cursor", pageParam);
      return requestJson<RunPage>(`${projectPath(ref)}/runs?${query}`, { signal });
    },
    initialPageParam: "",
    getNextPageParam: (page) => page.cursor ?? undefined,
    placeholderData: keepPreviousData,
  });
}

/** The newest few runs of a project, for Home. */
export function newestRunsQuery(ref: ProjectRef, limit: number, refreshMillis: number) {
  return queryOptions({
    queryKey: ["newest-runs", ref.entity, ref.project, limit],
    queryFn: ({ signal }) =>
      requestJson<RunPage>(`${projectPath(ref)}/runs?${new URLSearchParams({ limit: String(limit) })}`, {
        signal,
      }),
    refetchInterval: refreshMillis,
  });
}

export function runKey(ref: ProjectRef, run: string) {
  return ["run", ref.entity, ref.project, run] as const;
}

/** One run. */
export function runQuery(ref: ProjectRef, run: string) {
  return queryOptions({
    queryKey: runKey(ref, run),
    queryFn: ({ signal }) => requestJson<Run>(runPath(ref, run), { signal }),
  });
}

/** Give a run another name; answers the run as it is now. */
export function renameRun(ref: ProjectRef, run: string, name: string): Promise<Run> {
  return requestJson<Run>(runPath(ref, run), jsonBody("PATCH", { name }));
}

/** Ask a run to stop: its next `log()` raises KeyboardInterrupt. */
export async function stopRun(ref: ProjectRef, run: string): Promise<void> {
  await request(`${runPath(ref, run)}/stop`, { method: "POST" });
}

/** Delete a run and all its data. */
export async function deleteRun(ref: ProjectRef, run: string): Promise<void> {
  await request(runPath(ref, run), { method: "DELETE" });
}

/** Put a run as it is now into every list and query that holds it, without asking for the lists again. */
export function putRun(client: QueryClient, ref: ProjectRef, run: Run): void {
  client.setQueryData(runKey(ref, run.id), run);
  client.setQueriesData<{ pages: RunPage[]; pageParams: unknown[] }>({ queryKey: runsKey(ref) }, (old) => {
    if (!old?.pages.some((page) => page.runs.some((r) => r.id === run.id))) return old;
    return {
      ...old,
      pages: old.pages.map((page) => ({ ...page, runs: page.runs.map((r) => (r.id === run.id ? run : r)) })),
    };
  });
}
