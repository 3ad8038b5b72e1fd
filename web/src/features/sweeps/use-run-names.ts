/** The names of a sweep's runs by their ids; deleted runs are left out. */

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import { type RunRow, rowsQuery } from "@/api/runs/run-rows";
import { MOST_RUNS, runNamesQuery, type Sweep } from "@/api/sweeps/sweeps";
import type { ProjectRef } from "@/api/types";
import { nRuns } from "./sweep-words";
import { runOfSweepQuery } from "./use-sweep-columns";

export type RunNames = ReadonlyMap<string, string>;

/** Names that only hovering shows are asked for once the charts have had time to be drawn. */
const LATER_MILLIS = 1500;

/** The runs of a sweep, in the filter language. */
export function sweepFilter(sweep: Sweep): string {
  return `sweep = ${JSON.stringify(sweep.id)}`;
}

/** The name of the best run at once, those of all others a moment later. */
export function useRunNames(project: ProjectRef, sweep: Sweep): RunNames {
  // the charts ask for this run, too: one request
  const { data: best } = useQuery(runOfSweepQuery(project, sweep, sweep.best?.run ?? null));
  const isLater = useLater();
  const request = { filter: sweepFilter(sweep), search: "", isRegex: false, order: [], columns: [] };
  const { data } = useQuery({
    ...rowsQuery(project, request, null, 0, MOST_RUNS),
    placeholderData: keepPreviousData,
    enabled: isLater && nRuns(sweep) > 0,
  });
  const rows = (data ?? best)?.rows;
  return useMemo(() => namesOf(rows ?? []), [rows]);
}

export function useNamesOf(project: ProjectRef, ids: readonly string[]): RunNames {
  const { data } = useQuery(runNamesQuery(project, ids));
  return useMemo(() => namesOf(data?.rows ?? []), [data]);
}

function namesOf(rows: readonly RunRow[]): RunNames {
  return new Map(rows.map(({ id, name }) => [id, name]));
}

function useLater(): boolean {
  const [isLater, setLater] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLater(true), LATER_MILLIS);
    return () => clearTimeout(timer);
  }, []);
  return isLater;
}
