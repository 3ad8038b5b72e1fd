/** Searches of the command palette on the server: runs and metrics by a part of their name. */

import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { projectPath, readJson } from "./client";
import type { ProjectRef, RunPage, Schemas } from "./types";

/** The newest few runs of a project whose name, tags or notes have the text. */
export function findRunsQuery(ref: ProjectRef, text: string, limit: number) {
  const query = new URLSearchParams({ limit: String(limit) });
  if (text) query.set("search", text);
  return queryOptions({
    queryKey: ["find-runs", ref.entity, ref.project, text, limit],
    queryFn: readJson<RunPage>(`${projectPath(ref)}/runs?${query}`),
    placeholderData: keepPreviousData,
    staleTime: 5000,
  });
}

/** A few metrics of a project whose name has the text. */
export function findMetricsQuery(ref: ProjectRef, text: string, limit: number) {
  const query = new URLSearchParams({ search: text, limit: String(limit) });
  return queryOptions({
    queryKey: ["find-metrics", ref.entity, ref.project, text, limit],
    queryFn: readJson<Schemas["MetricList"]>(`${projectPath(ref)}/metrics?${query}`),
    placeholderData: keepPreviousData,
    staleTime: 5000,
  });
}
