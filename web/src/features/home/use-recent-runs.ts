/**
 * The newest runs of the projects that were active last, across entities.
 */

import { useQueries } from "@tanstack/react-query";
import { newestRunsQuery } from "@/api/runs";
import type { Project, Run } from "@/api/types";

const PROJECTS = 6;
const RUNS_EACH = 30;
const REFRESH_MILLIS = 10_000;

function activity(run: Run): number {
  return run.ended_micros ?? run.heartbeat_micros ?? run.created_micros;
}

export function useRecentRuns(projects: readonly Project[]): {
  running: Run[];
  ended: Run[];
  isPending: boolean;
} {
  const active = projects.filter((project) => project.n_runs > 0).slice(0, PROJECTS);
  return useQueries({
    queries: active.map((project) => newestRunsQuery(project, RUNS_EACH, REFRESH_MILLIS)),
    combine: (results) => {
      const runs = results.flatMap((result) => result.data?.runs ?? []);
      return {
        running: runs
          .filter((run) => run.state === "running")
          .sort((a, b) => b.created_micros - a.created_micros),
        ended: runs.filter((run) => run.state !== "running").sort((a, b) => activity(b) - activity(a)),
        isPending: results.some((result) => result.isPending),
      };
    },
  });
}
