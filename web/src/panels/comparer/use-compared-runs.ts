/** The runs that a comparer shows: whole, the baseline first. */

import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { lastGoodRunQuery } from "@/api/runs/last-good-run";
import { runQuery } from "@/api/runs/run";
import type { Run } from "@/api/types";
import type { PanelSet } from "../panel-props";
import type { ComparerOptions } from "./options";
import { MOST_COMPARED, useWholeRuns } from "./use-whole-runs";

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
  const ids = useMemo(() => {
    if (isGood) return [good.data, subject?.id].flatMap((id) => id ?? []);
    const base = baseline?.id ?? runs[0]?.id;
    const others = runs.map((run) => run.id).filter((id) => id !== base);
    return base === undefined ? [] : [base, ...others].slice(0, MOST_COMPARED);
  }, [isGood, good.data, subject, baseline, runs]);
  const queries = useWholeRuns(project, ids, isOn);
  const columns = useMemo(
    () => queries.runs.flatMap((run, i) => (run ? [{ run, isBase: i === 0 }] : [])),
    [queries.runs],
  );
  return {
    columns,
    nLeft: isGood ? 0 : Math.max(0, runs.length - ids.length),
    isPending: queries.isPending || (isGood && subject !== null && (subjectRun.isPending || good.isPending)),
    error: queries.errors.find((error) => error !== null) ?? subjectRun.error ?? good.error,
    hasNoGood: isGood && good.data === null,
    retry: () => {
      queries.refetch();
      if (subjectRun.isError) void subjectRun.refetch();
      if (good.isError) void good.refetch();
    },
  };
}
