/**
 * The names of a sweep's runs by their ids; deleted runs are left out.
 */

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { rowsQuery } from "@/api/run-rows";
import { MOST_RUNS, type Sweep } from "@/api/sweeps";
import type { ProjectRef } from "@/api/types";
import { nRuns } from "./sweep-words";

export type RunNames = ReadonlyMap<string, string>;

/** The runs of a sweep, in the filter language. */
export function sweepFilter(sweep: Sweep): string {
  return `sweep = ${JSON.stringify(sweep.id)}`;
}

export function useRunNames(project: ProjectRef, sweep: Sweep): RunNames {
  const asked = { filter: sweepFilter(sweep), search: "", isRegex: false, order: [], columns: [] };
  const { data } = useQuery({
    ...rowsQuery(project, asked, null, 0, MOST_RUNS),
    placeholderData: keepPreviousData,
    enabled: nRuns(sweep) > 0,
  });
  return useMemo(() => new Map(data?.rows.map(({ id, name }) => [id, name])), [data]);
}
