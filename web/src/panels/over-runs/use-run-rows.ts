/** Values of some columns for the runs of a panel: those that are shown, or all that the page lists. */

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { namedColumnsQuery } from "@/api/runs/columns";
import { type RunRow, rowsQuery } from "@/api/runs/run-rows";
import { rowsOfRunsQuery } from "@/api/several-projects/rows-of-runs";
import type { ProjectRef } from "@/api/types";
import { colorOfRun } from "@/data/runs/color";
import type { PanelSet } from "../panel-props";
import { summaryColumns, summaryOf } from "./columns";

/** The runs of a panel. */
export type Scope = "shown" | "listed";

/** More marks than this in one panel say nothing; the panel tells how many are left out. */
const MOST_RUNS = 1000;

const NO_COLUMNS: readonly string[] = [];

/** A run with the values that a panel asked for. */
export interface ValuedRun {
  readonly id: string;
  readonly name: string;
  /** 1 … 12. */
  readonly color: number;
  readonly isShown: boolean;
  readonly state: string;
  /** By column; null where the run has none. */
  readonly values: RunRow["values"];
  /** Columns whose null is the run's value. */
  readonly nulls: RunRow["nulls"];
}

/** The newest runs of a panel with their values. */
export function runRowsQuery(
  { project, runIds, list }: PanelSet,
  columns: readonly string[],
  scope: Scope,
  limit = MOST_RUNS,
) {
  // in one order: panels that need the same columns share one answer
  const valued = [...new Set(columns)].sort();
  return scope === "listed" && list
    ? rowsQuery(project, { ...list.set, order: [], columns: valued }, null, 0, limit)
    : rowsOfRunsQuery(project, runIds, valued, limit);
}

/** Runs in the order of the list, with their values; asks only while `isOn`. */
export function useRunRows(set: PanelSet, columns: readonly string[], scope: Scope, isOn: boolean) {
  const { runs, runIds, list, groupColors } = set;
  const isListed = scope === "listed" && list !== undefined;
  const colorBy = isListed ? list.colorBy : NO_COLUMNS;
  const query = useQuery({
    ...runRowsQuery(set, [...columns, ...colorBy], scope),
    placeholderData: keepPreviousData,
    enabled: isOn && columns.length > 0 && (isListed || runIds.length > 0),
  });
  const page = query.data;
  const rows = useMemo(() => {
    const hiddenColor = (run: RunRow) => colorOfRun(run, colorBy, groupColors ?? {});
    return valuedRuns(runs, page?.rows ?? [], isListed, hiddenColor);
  }, [runs, page, isListed, colorBy, groupColors]);
  return { query, rows, nLeftOut: Math.max(0, (page?.total ?? 0) - (page?.rows.length ?? 0)) };
}

/** @param hiddenColor the colour that a run has once it is shown */
function valuedRuns(
  runs: PanelSet["runs"],
  rows: readonly RunRow[],
  isListed: boolean,
  hiddenColor: (row: RunRow) => number,
): ValuedRun[] {
  const shown = new Map(runs.map((run) => [run.id, run]));
  const all = rows.map((row) => {
    const run = shown.get(row.id);
    return {
      id: row.id,
      name: row.name,
      color: run?.color ?? hiddenColor(row),
      isShown: run !== undefined,
      state: row.state,
      values: row.values,
      nulls: row.nulls,
    };
  });
  return isListed ? all : all.filter((run) => run.isShown);
}

/** The column with a metric's summary that most runs have; null while it is looked for. */
export function useSummaryColumn(project: ProjectRef, metric: string | null): string | null {
  const names = metric === null ? [] : summaryColumns(metric);
  const { data } = useQuery(namedColumnsQuery(project, names));
  return metric === null || !data ? null : summaryOf(metric, data);
}
