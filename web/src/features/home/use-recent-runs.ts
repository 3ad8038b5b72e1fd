/**
 * The runs that Home shows: all running ones, and the newest of the projects that were active last.
 */

import { useQueries } from "@tanstack/react-query";
import { HOME_REFRESH_MILLIS } from "@/api/projects";
import { newestRunsQuery, runningRunsQuery } from "@/api/runs/recent-runs";
import type { Project, Run } from "@/api/types";

const PROJECTS = 6;
const RUNS_EACH = 30;
const RUNNING_EACH = 100;

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
  const active = projects.filter((project) => project.n_runs > 0).slice(0, PROJECTS);
  const live = projects.filter((project) => project.n_running > 0);
  const newest = useQueries({
    queries: active.map((project) => newestRunsQuery(project, RUNS_EACH, HOME_REFRESH_MILLIS)),
    combine: gather,
  });
  const running = useQueries({
    queries: live.map((project) => runningRunsQuery(project, RUNNING_EACH, HOME_REFRESH_MILLIS)),
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
