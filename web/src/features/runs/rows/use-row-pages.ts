/**
 * The pages of runs around the rows in view.
 */

import { useQueries } from "@tanstack/react-query";
import { useEffect, useMemo, useRef, useState } from "react";
import type { RunGroup } from "@/api/runs/groups";
import { PAGE_ROWS } from "@/api/runs/run-requests";
import { type RowsPage, type RunRow, rowsQuery } from "@/api/runs/run-rows";
import type { ProjectRef } from "@/api/types";
import type { RowSequence } from "@/data/runs/run-rows";
import { useStable } from "@/ui/hooks/use-stable";
import type { RunsListRow, RunsRequest } from "./runs-request";

/** Rows before and after those in view that are requested, too. */
const AROUND = 32;
/** Rows that are only scrolled past are not asked for. */
const JUMP_MILLIS = 120;

/** Rows of each page, by `pageKey`; undefined: on their way. */
export type Pages = ReadonlyMap<string, readonly RunRow[] | undefined>;

/** @param firstPage the page that comes with the number of runs */
export function useRowPages(
  project: ProjectRef,
  request: RunsRequest,
  sequence: RowSequence<RunGroup>,
  range: readonly [number, number],
  firstPage: readonly RunRow[],
): Pages {
  const needed = useMemo(
    () => neededPages(sequence, range).filter(({ key }) => key !== FIRST_PAGE),
    [sequence, range],
  );
  const pages = useQueries({
    queries: needed.map(({ under, page }) =>
      rowsQuery(project, request, under && { by: request.by, values: under }, page),
    ),
    combine: rowsOfResults,
  });
  return useMemo(
    () => new Map([[FIRST_PAGE, firstPage], ...needed.map(({ key }, i) => [key, pages[i]] as const)]),
    [firstPage, needed, pages],
  );
}

function rowsOfResults(results: readonly { readonly data?: RowsPage }[]) {
  return results.map(({ data }) => data?.rows);
}

interface NeededPage {
  readonly key: string;
  readonly under: readonly unknown[] | null;
  readonly page: number;
}

function pageKey(under: readonly unknown[] | null, page: number): string {
  return `${page} ${JSON.stringify(under)}`;
}

const FIRST_PAGE = pageKey(null, 0);

/** The run of a row; null: on its way. */
export function runOfPage(pages: Pages, { under, index }: RunsListRow & { kind: "run" }): RunRow | null {
  return pages.get(pageKey(under, Math.floor(index / PAGE_ROWS)))?.[index % PAGE_ROWS] ?? null;
}

function neededPages(
  sequence: RowSequence<RunGroup>,
  [first, last]: readonly [number, number],
): NeededPage[] {
  const needed = new Map<string, NeededPage>();
  for (let i = first; i <= Math.min(last, sequence.n - 1); i++) {
    const row = sequence.at(i);
    if (row?.kind !== "run") continue;
    const page = Math.floor(row.index / PAGE_ROWS);
    const key = pageKey(row.under, page);
    if (!needed.has(key)) needed.set(key, { key, under: row.under, page });
  }
  return [...needed.values()];
}

/** Rows in view and a few around, in whole steps; what is scrolled past is left out. */
export function useRange() {
  const [range, setRange] = useState<readonly [number, number]>([0, 2 * AROUND]);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const onRange = useStable((first: number, last: number) => {
    const next = [
      Math.floor(Math.max(0, first - AROUND) / AROUND) * AROUND,
      Math.ceil((last + AROUND) / AROUND) * AROUND,
    ] as const;
    clearTimeout(timer.current);
    if (next[0] === range[0] && next[1] === range[1]) return;
    const isNear = next[0] <= range[1] && next[1] >= range[0];
    if (isNear) setRange(next);
    else timer.current = setTimeout(() => setRange(next), JUMP_MILLIS);
  });
  return { range, onRange };
}
