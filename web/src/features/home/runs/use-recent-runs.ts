/** The runs that Home shows: all running ones, and the newest of the projects that were active last. */

import { useQueries } from "@tanstack/react-query";
import { HOME_REFRESH_MILLIS } from "@/api/projects";
import { newestRunsQuery, runningRunsQuery } from "@/api/runs/recent-runs";
import { homeProjects } from "@/api/runs/run-requests";
import type { Project, Run } from "@/api/types";

function activity(run: Run): number {
  return run.ended_micros ?? run.heartbeat_micros ?? run.created_micros;
}

/** A run as it was at the time of an answer: a page that is opened again begins with answers of then. */
export type AnsweredRun = Run & { readonly answeredMillis: number };

export interface RecentRuns {
  readonly running: readonly AnsweredRun[];
  readonly ended: readonly Run[];
  readonly isPending: boolean;
}

export function useRecentRuns(projects: readonly Project[]): RecentRuns {
  const { active, running: live } = homeProjects(projects);
  const newest = useQueries({
    queries: active.map((project) => newestRunsQuery(project, HOME_REFRESH_MILLIS)),
    combine: gather,
  });
  const running = useQueries({
    queries: live.map((project) => runningRunsQuery(project, HOME_REFRESH_MILLIS)),
    combine: gatherAnswered,
  });
  return {
    running: [...running.runs].sort((a, b) => b.created_micros - a.created_micros),
    ended: newest.runs.filter((run) => run.state !== "running").sort((a, b) => activity(b) - activity(a)),
    isPending: newest.isPending || running.isPending,
  };
}

interface Answer {
  readonly data?: readonly Run[] | undefined;
  readonly isPending: boolean;
  readonly dataUpdatedAt: number;
}

function gatherAnswered(results: readonly Answer[]) {
  const runs = results.flatMap(({ data = [], dataUpdatedAt }) =>
    data.map((run) => ({ ...run, answeredMillis: dataUpdatedAt })),
  );
  return { ...gather(results), runs };
}

function gather(results: readonly Answer[]) {
  return {
    runs: results.flatMap((result) => result.data ?? []),
    isPending: results.some((result) => result.isPending),
  };
}
