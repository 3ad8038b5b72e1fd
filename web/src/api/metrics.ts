/**
 * Which metrics a project's runs have logged.
 */

import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { projectPath, requestJson } from "./client";
import type { Metric, ProjectRef } from "./types";

/** The prefix of the keys of all metric lists of a project. */
export function metricsKey(ref: ProjectRef) {
  return ["metrics", ref.entity, ref.project] as const;
}

/** Metrics of some runs, or with `runs` null of all runs of the project. */
export function metricsQuery(ref: ProjectRef, runs: readonly string[] | null) {
  return queryOptions({
    queryKey: [...metricsKey(ref), runs?.join(",") ?? ""],
    queryFn: ({ signal }) => {
      const query = runs ? `?${new URLSearchParams({ runs: runs.join(",") })}` : "";
      return requestJson<{ metrics: Metric[] }>(`${projectPath(ref)}/metrics${query}`, { signal });
    },
    select: (page) => page.metrics,
    placeholderData: keepPreviousData,
  });
}
