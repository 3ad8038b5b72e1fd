/**
 * The newest, the failed and the running runs of a project, for Home; asked again while it is looked at.
 */

import { queryOptions } from "@tanstack/react-query";
import { requestJson } from "../client";
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
