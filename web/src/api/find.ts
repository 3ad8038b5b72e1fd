/**
 * What the command palette looks for on the server: runs and metrics by a part of their name.
 */

import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { projectPath, requestJson } from "./client";
import type { Metric, ProjectRef, Run, RunPage } from "./types";

/** The newest few runs of a project whose name, tags or notes have the text. */
export function findRunsQuery(ref: ProjectRef, text: string, limit: number) {
  const query = new URLSearchParams({ limit: String(limit) });
  if (text) query.set("search", text);
  return queryOptions({
    queryKey: ["find-runs", ref.entity, ref.project, text, limit],
    queryFn: async ({ signal }): Promise<readonly Run[]> =>
      (await requestJson<RunPage>(`${projectPath(ref)}/runs?${query}`, { signal })).runs,
    placeholderData: keepPreviousData,
    staleTime: 5000,
  });
}

/** A few metrics of a project whose name has the text. */
export function findMetricsQuery(ref: ProjectRef, text: string, limit: number) {
  const query = new URLSearchParams({ search: text, limit: String(limit) });
  return queryOptions({
    queryKey: ["find-metrics", ref.entity, ref.project, text, limit],
    queryFn: async ({ signal }): Promise<readonly Metric[]> =>
      (await requestJson<{ metrics: Metric[] }>(`${projectPath(ref)}/metrics?${query}`, { signal })).metrics,
    placeholderData: keepPreviousData,
    staleTime: 5000,
  });
}
