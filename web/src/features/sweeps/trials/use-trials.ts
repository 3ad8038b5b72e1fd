/** The trials that a table shows: of any number of rows, pages of those in sight. */

import { useQueries, useQueryClient } from "@tanstack/react-query";
import { useMemo, useRef, useState } from "react";
import type { Sweep } from "@/api/sweeps/sweeps";
import { PAGE_TRIALS, type SweepTrial, type TrialRequest, trialsKey, trialsQuery } from "@/api/sweeps/trials";
import type { ProjectRef } from "@/api/types";
import { isSameSpan, type Span } from "@/data/table/window";
import { useStable } from "@/ui/hooks/use-stable";

type Rows = readonly (SweepTrial | null)[];

export interface Trials {
  /** Null where a row's page is on its way; null itself until the first answer. */
  readonly rows: Rows | null;
  readonly error: Error | null;
  /** Tells which rows are in the page. Stable. */
  onSpan(span: Span): void;
}

/** @param ask while its answer is on its way, the rows are those of the request before */
export function useTrials(project: ProjectRef, sweep: Sweep, ask: TrialRequest, isLive: boolean) {
  const client = useQueryClient();
  const [span, setSpan] = useState<Span>({ first: 0, end: 1 });
  const onSpan = useStable((next: Span) => setSpan((before) => (isSameSpan(before, next) ? before : next)));
  const firstPage = Math.floor(span.first / PAGE_TRIALS);
  const lastPage = Math.floor(Math.max(span.first, span.end - 1) / PAGE_TRIALS);
  const pages = Array.from({ length: lastPage - firstPage + 1 }, (_, i) => firstPage + i);
  const { lists, total, error } = useQueries({
    queries: pages.map((page) => trialsQuery(project, sweep.id, ask, page, isLive)),
    combine,
  });
  const last = useRef<Rows | null>(null);
  const rows = useMemo(
    () => (total === null ? null : placed(lists, firstPage, total)),
    [total, firstPage, lists],
  );
  if (rows) last.current = rows;
  const refetch = useStable(() => {
    void client.invalidateQueries({ queryKey: trialsKey(project, sweep.id) });
  });
  const trials: Trials = { rows: last.current, error, onSpan };
  return { trials, refetch };
}

/** Rows with those of pages that have come, from `firstPage` on. */
function placed(
  lists: readonly (readonly SweepTrial[] | undefined)[],
  firstPage: number,
  total: number,
): Rows {
  const rows: (SweepTrial | null)[] = new Array(total).fill(null);
  lists.forEach((list, i) => {
    list?.forEach((trial, at) => {
      const index = (firstPage + i) * PAGE_TRIALS + at;
      if (index < total) rows[index] = trial;
    });
  });
  return rows;
}

interface Answer {
  readonly data: { readonly trials: readonly SweepTrial[]; readonly total: number } | undefined;
  readonly error: Error | null;
}

function combine(answers: readonly Answer[]) {
  return {
    lists: answers.map(({ data }) => data?.trials),
    total: answers.find(({ data }) => data)?.data?.total ?? null,
    error: answers.find((answer) => answer.error)?.error ?? null,
  };
}
