/** The columns of the runs table that hold the parameters and results of a sweep. */

import { useQuery } from "@tanstack/react-query";
import { useMemo, useRef } from "react";
import { rowsQuery } from "@/api/runs/run-rows";
import type { Sweep, SweepRun } from "@/api/sweeps/sweeps";
import type { ProjectRef } from "@/api/types";
import { summaryColumns } from "@/panels/over-runs/columns";

export interface SweepColumns {
  readonly parameters: readonly string[];
  /** One for each metric. */
  readonly results: readonly string[];
}

/** A run of a sweep: its name, and the columns in which its results may be. */
export function runOfSweepQuery(project: ProjectRef, sweep: Sweep, run: string | null) {
  const filter = `id = ${JSON.stringify(run ?? "")}`;
  const columns = sweep.metrics.flatMap(({ name }) => summaryColumns(name));
  return {
    ...rowsQuery(project, { filter, search: "", isRegex: false, order: [], columns }, null, 0, 1),
    enabled: run !== null,
  };
}

/**
 * Null while they are looked for. A result may be below the metric's name, as `define_metric` says: the column is the
 * one in which a run of the sweep has the value that the sweep knows of it.
 */
export function useSweepColumns(project: ProjectRef, sweep: Sweep): SweepColumns | null {
  const metrics = sweep.metrics.map(({ name }) => name);
  const first = useRef<SweepRun | null>(null);
  first.current ??= sweep.best ?? sweep.front[0] ?? null;
  const run = first.current;
  const { data, isError } = useQuery(runOfSweepQuery(project, sweep, run?.run ?? null));
  const isKnown = run === null || metrics.length === 0 || data !== undefined || isError;
  const values = data?.rows[0]?.values;
  const results = metrics.map((name, at) => {
    const has = (column: string) => values?.[column] === run?.values?.[at];
    return summaryColumns(name).find((column) => values && has(column)) ?? `summary.${name}`;
  });
  const key = JSON.stringify([sweep.parameters, results]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `key` has both lists, which are others with every answer
  return useMemo(
    () => (isKnown ? { parameters: sweep.parameters.map((name) => `config.${name}`), results } : null),
    [key, isKnown],
  );
}
