/**
 * The newest, the failed, the running and the starred runs of a project, for Home and overviews; asked again while they are
 * looked at.
 */

import { queryOptions } from "@tanstack/react-query";
import { filterText } from "@/data/filter/tree";
import { STARRED } from "@/data/runs/star";
import { projectPath, readJson, requestJson } from "../client";
import type { ProjectRef, Run, RunPage } from "../types";
import { failedRunsPath, HOME_NEWEST, newestRunsPath, runningRunsPath } from "./run-requests";

function recentQuery(ref: ProjectRef, kind: string, path: string, refreshMillis: number) {
  return queryOptions({
    queryKey: ["recent-runs", ref.entity, ref.project, kind],
    queryFn: async ({ signal }): Promise<readonly Run[]> =>
      (await requestJson<RunPage>(path, { signal })).runs,
    refetchInterval: refreshMillis,
  });
}

export function newestRunsQuery(ref: ProjectRef, refreshMillis: number, limit = HOME_NEWEST) {
  return recentQuery(ref, `newest ${limit}`, newestRunsPath(ref, limit), refreshMillis);
}

export function runningRunsQuery(ref: ProjectRef, refreshMillis: number) {
  return recentQuery(ref, "running", runningRunsPath(ref), refreshMillis);
}

export function failedRunsQuery(ref: ProjectRef, refreshMillis: number) {
  return recentQuery(ref, "failed", failedRunsPath(ref), refreshMillis);
}

/** The newest starred runs, and the number of all of them. */
export function starredRunsQuery(ref: ProjectRef, refreshMillis: number, limit: number) {
  const query = new URLSearchParams({ filter: filterText(STARRED), limit: String(limit) });
  return queryOptions({
    queryKey: ["recent-runs", ref.entity, ref.project, `starred ${limit}`],
    queryFn: readJson<RunPage>(`${projectPath(ref)}/runs?${query}`),
    refetchInterval: refreshMillis,
  });
}
