/**
 * The runs that a comparer shows: whole, the baseline first.
 */

import { useQueries, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { lastGoodRunQuery } from "@/api/last-good-run";
import { runQuery } from "@/api/runs";
import type { ProjectRef, Run } from "@/api/types";
import type { PanelSet } from "../panel-props";
import type { ComparerOptions } from "./options";

/** More columns than this cannot be read. */
const MOST_COLUMNS = 8;
/** Results of a running run change without a word about the run itself. */
const LIVE_MILLIS = 2000;

export interface ComparedColumn {
  readonly run: Run;
  readonly isBase: boolean;
}

export interface ComparedRuns {
  readonly columns: readonly ComparedColumn[];
  /** Shown runs that are not compared. */
  readonly nLeft: number;
  readonly isPending: boolean;
  readonly error: Error | null;
  /** Against the last good run: there is none before the newest shown one. */
  readonly hasNoGood: boolean;
  retry(): void;
}

export function useComparedRuns(
  set: PanelSet,
  against: ComparerOptions["against"],
  isOn: boolean,
): ComparedRuns {
  const { project, runs, baseline } = set;
  const subject = runs[0] ?? null;
  const isGood = against === "good";
  const subjectRun = useQuery({
    ...runQuery(project, subject?.id ?? ""),
    enabled: isOn && isGood && subject !== null,
  });
  const good = useQuery({
    ...lastGoodRunQuery(project, subjectRun.data ?? null),
    enabled: isOn && isGood && subjectRun.data !== undefined,
  });
  const wanted = useMemo(() => {
    if (isGood) return [good.data, subject?.id].flatMap((id) => id ?? []);
    const base = baseline?.id ?? runs[0]?.id;
    const others = runs.map((run) => run.id).filter((id) => id !== base);
    return base === undefined ? [] : [base, ...others].slice(0, MOST_COLUMNS);
  }, [isGood, good.data, subject, baseline, runs]);
  const queries = useQueries({
    queries: wanted.map((id) => wholeRunQuery(project, id, isOn)),
    combine: (results) => ({
      runs: results.map(({ data }) => data),
      isPending: results.some(({ data, error }) => data === undefined && error === null),
      error: results.find(({ data, error }) => data === undefined && error !== null)?.error ?? null,
      refetch: () => {
        for (const result of results) if (result.isError) void result.refetch();
      },
    }),
  });
  const columns = useMemo(
    () => queries.runs.flatMap((run, i) => (run ? [{ run, isBase: i === 0 }] : [])),
    [queries.runs],
  );
  return {
    columns,
    nLeft: isGood ? 0 : Math.max(0, runs.length - wanted.length),
    isPending: queries.isPending || (isGood && subject !== null && (subjectRun.isPending || good.isPending)),
    error: queries.error ?? subjectRun.error ?? good.error,
    hasNoGood: isGood && good.data === null,
    retry: () => {
      queries.refetch();
      if (subjectRun.isError) void subjectRun.refetch();
      if (good.isError) void good.refetch();
    },
  };
}

function wholeRunQuery(project: ProjectRef, id: string, isOn: boolean) {
  return {
    ...runQuery(project, id),
    enabled: isOn,
    refetchInterval: ({ state }: { state: { data?: Run } }) =>
      state.data?.state === "running" ? LIVE_MILLIS : (false as const),
  };
}
