/**
 * The newest and the running runs of a project, for Home; asked again while it is looked at.
 */

import { queryOptions } from "@tanstack/react-query";
import { projectPath, requestJson } from "../client";
import type { ProjectRef, Run, RunPage } from "../types";

function recentQuery(ref: ProjectRef, kind: string, search: Record<string, string>, refreshMillis: number) {
  return queryOptions({
    queryKey: ["recent-runs", ref.entity, ref.project, kind],
    queryFn: async ({ signal }): Promise<readonly Run[]> =>
      (await requestJson<RunPage>(`${projectPath(ref)}/runs?${new URLSearchParams(search)}`, { signal }))
        .runs,
    refetchInterval: refreshMillis,
  });
}

export function newestRunsQuery(ref: ProjectRef, limit: number, refreshMillis: number) {
  return recentQuery(ref, `newest ${limit}`, { limit: String(limit) }, refreshMillis);
}

export function runningRunsQuery(ref: ProjectRef, limit: number, refreshMillis: number) {
  return recentQuery(ref, "running", { state: "running", limit: String(limit) }, refreshMillis);
}
