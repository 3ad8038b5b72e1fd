/**
 * The columns of the runs table that hold the parameters and results of a sweep.
 */

import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { namedColumnsQuery } from "@/api/columns";
import type { Sweep } from "@/api/sweeps";
import type { ProjectRef } from "@/api/types";
import { summaryColumns, summaryOf } from "@/panels/over-runs/columns";
import { nRuns } from "./sweep-words";

export interface SweepColumns {
  readonly parameters: readonly string[];
  /** One for each metric. */
  readonly results: readonly string[];
}

/** Null while they are looked for, and of a sweep without runs. */
export function useSweepColumns(project: ProjectRef, sweep: Sweep): SweepColumns | null {
  const metrics = sweep.metrics.map(({ name }) => name);
  const names = metrics.flatMap(summaryColumns);
  const { data: known } = useQuery({ ...namedColumnsQuery(project, names), enabled: nRuns(sweep) > 0 });
  const key = JSON.stringify([sweep.parameters, metrics]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `key` has both lists, which are others with every answer
  return useMemo(
    () =>
      known
        ? {
            parameters: sweep.parameters.map((name) => `config.${name}`),
            results: metrics.map((name) => summaryOf(name, known)),
          }
        : null,
    [key, known],
  );
}
