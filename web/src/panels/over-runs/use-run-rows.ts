/**
 * Values of some columns for the runs of a panel: those that are shown, or all that the page lists.
 */

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { namedColumnsQuery } from "@/api/columns";
import { type RowsAsked, type RunRow, rowsQuery } from "@/api/run-rows";
import type { ProjectRef } from "@/api/types";
import type { PanelSet } from "../panel-props";
import { summaryColumns } from "./columns";

/** Which runs a panel draws. */
export type Scope = "shown" | "listed";

/** More marks than this in one panel say nothing; the panel tells how many are left out. */
const MOST_RUNS = 1000;

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
}

/** A run that is hidden has no colour of its own in a panel. */
const HIDDEN_COLOR = 11;

/** The filter that finds these runs. */
function idFilter(ids: readonly string[]): string {
  return `id in (${ids.map((id) => JSON.stringify(id)).join(", ")})`;
}

/** Runs in the order of the list, with their values; asks only while `isOn`. */
export function useRunRows(set: PanelSet, columns: readonly string[], scope: Scope, isOn: boolean) {
  const { project, runs, asked, list } = set;
  const isListed = scope === "listed" && list !== undefined;
  const question: RowsAsked = {
    ...(isListed ? list.set : { filter: idFilter(asked), search: "", isRegex: false }),
    order: [],
    columns,
  };
  const query = useQuery({
    ...rowsQuery(project, question, null, 0, MOST_RUNS),
    placeholderData: keepPreviousData,
    enabled: isOn && columns.length > 0 && (isListed || asked.length > 0),
  });
  const page = query.data;
  const rows = useMemo(() => valuedRuns(runs, page?.rows ?? [], isListed), [runs, page, isListed]);
  return { query, rows, nLeftOut: Math.max(0, (page?.total ?? 0) - (page?.rows.length ?? 0)) };
}

function valuedRuns(runs: PanelSet["runs"], rows: readonly RunRow[], isListed: boolean): ValuedRun[] {
  const shown = new Map(runs.map((run) => [run.id, run]));
  const all = rows.map((row) => {
    const run = shown.get(row.id);
    return {
      id: row.id,
      name: row.name,
      color: run?.color ?? HIDDEN_COLOR,
      isShown: run !== undefined,
      state: row.state,
      values: row.values,
    };
  });
  return isListed ? all : all.filter((run) => run.isShown);
}

/** The column with a metric's summary; null while it is looked for, the plain one where there is none. */
export function useSummaryColumn(project: ProjectRef, metric: string | null): string | null {
  const names = metric === null ? [] : summaryColumns(metric);
  const { data } = useQuery(namedColumnsQuery(project, names));
  if (metric === null || !data) return null;
  const known = new Set(data.map((column) => column.column));
  return names.find((name) => known.has(name)) ?? names[0]!;
}
