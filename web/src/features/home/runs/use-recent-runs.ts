/**
 * The runs that Home shows: all running ones, and of the projects that were active last the newest, with those that failed
 * since the oldest of these.
 */

import { useQueries } from "@tanstack/react-query";
import { HOME_REFRESH_MILLIS } from "@/api/projects";
import { failedRunsQuery, newestRunsQuery, runningRunsQuery } from "@/api/runs/recent-runs";
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
  const { active, large, running: live } = homeProjects(projects);
  const newest = useQueries({
    queries: active.map((project) => newestRunsQuery(project, HOME_REFRESH_MILLIS)),
    combine: gather,
  });
  const failed = useQueries({
    queries: large.map((project) => failedRunsQuery(project, HOME_REFRESH_MILLIS)),
    combine: gather,
  });
  const running = useQueries({
    queries: live.map((project) => runningRunsQuery(project, HOME_REFRESH_MILLIS)),
    combine: gatherAnswered,
  });
  return {
    running: [...running.runs].sort((a, b) => b.created_micros - a.created_micros),
    ended: withFailed(newest.runs, failed.runs)
      .filter((run) => run.state !== "running")
      .sort((a, b) => activity(b) - activity(a)),
    isPending: newest.isPending || failed.isPending || running.isPending,
  };
}

/** The newest runs, and the failed ones that are not among them: a sweep that came after would hide them. */
function withFailed(newest: readonly Run[], failed: readonly Run[]): Run[] {
  const oldest = Math.min(...newest.map(activity));
  const listed = new Set(newest.map(keyOf));
  return [...newest, ...failed.filter((run) => activity(run) >= oldest && !listed.has(keyOf(run)))];
}

function keyOf({ entity, project, id }: Run): string {
  return `${entity}/${project}/${id}`;
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
