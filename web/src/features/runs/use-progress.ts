import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { rowsQuery } from "@/api/runs/run-rows";
import type { ProjectRef } from "@/api/types";
import { PROGRESS_COLUMNS, type Progress, progressOf, secondsLeft } from "@/data/runs/progress";

export interface RunProgress extends Progress {
  /** Null: too early to say, or all is done. */
  readonly secsLeft: number | null;
}

/** More of them run at once in few projects. */
const MOST = 200;
const RUNNING = {
  filter: "state = running",
  search: "",
  isRegex: false,
  order: [],
  columns: ["runtime", ...PROGRESS_COLUMNS],
};
const NONE: ReadonlyMap<string, RunProgress> = new Map();

/**
 * The progress and remaining time of a project's running runs that log it, by run id.
 *
 * @param hasRunning whether any run is running; else nothing is asked
 */
export function useProgress(project: ProjectRef, hasRunning: boolean): ReadonlyMap<string, RunProgress> {
  const { data } = useQuery({
    ...rowsQuery(project, RUNNING, null, 0, MOST),
    enabled: hasRunning,
    placeholderData: keepPreviousData,
  });
  return useMemo(() => {
    if (!hasRunning || !data) return NONE;
    const progressByRun = new Map<string, RunProgress>();
    for (const { id, values } of data.rows) {
      const progress = progressOf((column) => values[column] ?? null);
      if (!progress) continue;
      const runtime = typeof values.runtime === "number" ? values.runtime : 0;
      progressByRun.set(id, { ...progress, secsLeft: secondsLeft(progress, runtime) });
    }
    return progressByRun;
  }, [data, hasRunning]);
}
