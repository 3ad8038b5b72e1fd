import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { jsonBody, projectPath, readJson, requestJson } from "../client";
import { metricNamesPath } from "../runs/run-requests";
import type { Metric, MetricNames, ProjectRef, Schemas } from "../types";

/** The prefix of the keys of all metric lists of a project. */
export function metricsKey(ref: ProjectRef) {
  return ["metrics", ref.entity, ref.project] as const;
}

/** The names of all metrics of some runs, or with `runs` null of the project; there may be 100,000. */
export function metricNamesQuery(ref: ProjectRef, runs: readonly string[] | null) {
  return queryOptions({
    queryKey: [...metricsKey(ref), runs?.join(",") ?? null],
    queryFn: readJson<MetricNames>(metricNamesPath(ref, runs)),
    placeholderData: keepPreviousData,
  });
}

/** At most `limit` metrics of the project with `search` in their names, or that match it as a pattern. */
export function metricSearchQuery(ref: ProjectRef, search: string, isRegex: boolean, limit: number) {
  return queryOptions({
    queryKey: [...metricsKey(ref), { search, isRegex, limit }],
    queryFn: ({ signal }) => {
      const query = new URLSearchParams({ search, limit: String(limit), ...(isRegex && { regex: "true" }) });
      return requestJson<{ metrics: Metric[] }>(`${projectPath(ref)}/metrics?${query}`, { signal });
    },
    select: (page) => page.metrics,
    placeholderData: keepPreviousData,
  });
}

/** Delete a metric of some runs permanently; the answer says how many had it. */
export function deleteMetric(ref: ProjectRef, runs: readonly string[], key: string) {
  return requestJson<Schemas["DeletedMetrics"]>(
    `${projectPath(ref)}/metrics/delete`,
    jsonBody<"MetricDeletion">("POST", { runs, keys: [key] }),
  );
}
