/** The values in view: pages of rows by stretches of columns, so that only what is looked at is asked for. */

import { useQueries } from "@tanstack/react-query";
import { useEffect, useMemo, useRef, useState } from "react";
import { PAGE_ROWS, type Under } from "@/api/runs/run-requests";
import { type RunRow, rowsQuery } from "@/api/runs/run-rows";
import type { ProjectRef } from "@/api/types";
import type { Span } from "@/data/table/window";
import type { Runs } from "../runs/use-runs";

/** Columns that are asked for together. */
const STRETCH = 16;
/** Pages that pass by while the scroll bar is dragged are not asked for. */
const REST_MILLIS = 80;
/** Columns scrolled out of view are forgotten soon: 100,000 runs of 100 columns would stay else. */
const CACHE_MILLIS = 20_000;

/** Rows of a run, each with some of the columns; the first that has a column has its newest value. */
export type RunParts = readonly RunRow[];

interface ColumnRange {
  readonly under: Under | null;
  readonly page: number;
  readonly columns: readonly string[];
}

/** Stretches of columns, cut where the table's columns begin, so that they stay the same while it is scrolled. */
export function stretchesOf(columns: readonly string[], span: Span): string[][] {
  const ranges: string[][] = [];
  for (let at = Math.floor(span.first / STRETCH) * STRETCH; at < span.end; at += STRETCH)
    ranges.push(columns.slice(at, at + STRETCH));
  return ranges;
}

/** Pages of runs that rows of the table need. */
function pagesIn(runs: Runs, span: Span): { under: Under | null; page: number }[] {
  const pages = new Map<string, { under: Under | null; page: number }>();
  for (let i = span.first; i < span.end; i++) {
    const row = runs.rowAt(i);
    if (row?.kind !== "run") continue;
    const page = Math.floor(row.index / PAGE_ROWS);
    const under = row.under && { by: runs.request.by, values: row.under };
    const key = JSON.stringify([row.under, page]);
    if (!pages.has(key)) pages.set(key, { under, page });
  }
  return [...pages.values()];
}

/** The columns, and with the state the reason of a bad end, which it leads to. */
function withReason(columns: readonly string[]): readonly string[] {
  return columns.includes("state") && !columns.includes("reason") ? [...columns, "reason"] : columns;
}

function rowsOfResults(results: readonly { readonly data?: { readonly rows: readonly RunRow[] } }[]) {
  return results.map(({ data }) => data?.rows);
}

/** A value, as it was when it last stood still for a moment; at once when it changes after a rest. */
function useThrottled<T>(value: T, key: string): T {
  const [held, setHeld] = useState({ value, key });
  const lastMillis = useRef(0);
  useEffect(() => {
    const wait = Math.max(0, lastMillis.current + REST_MILLIS - performance.now());
    const timer = setTimeout(() => {
      lastMillis.current = performance.now();
      setHeld((before) => (before.key === key ? before : { value, key }));
    }, wait);
    return () => clearTimeout(timer);
  }, [key, value]);
  return held.key === key ? value : held.value;
}

/**
 * The parts of each run in view.
 *
 * @param pinned columns that are always in view
 * @param scrolled the others, of which those in `columns` are in view
 */
export function useTableCells(
  project: ProjectRef,
  runs: Runs,
  rows: Span,
  pinned: readonly string[],
  scrolled: readonly string[],
  columns: Span,
): ReadonlyMap<string, RunParts> {
  const ranges = useMemo<ColumnRange[]>(() => {
    const columnRanges = stretchesOf(scrolled, columns);
    if (pinned.length > 0) columnRanges.unshift([...pinned]);
    return pagesIn(runs, rows).flatMap((page) =>
      columnRanges.map((range) => ({ ...page, columns: withReason(range) })),
    );
  }, [runs, rows, pinned, scrolled, columns]);
  const throttled = useThrottled(ranges, JSON.stringify(ranges));
  const answers = useQueries({
    queries: throttled.map(({ under, page, columns: rangeColumns }) => ({
      ...rowsQuery(project, { ...runs.request, columns: rangeColumns }, under, page),
      gcTime: CACHE_MILLIS,
    })),
    combine: rowsOfResults,
  });
  const nParts = useMemo(() => new Set(throttled.map((range) => range.columns.join("\n"))).size, [throttled]);
  const seen = useRef<ReadonlyMap<string, RunParts>>(new Map());
  const parts = useMemo(() => {
    const partsById = new Map<string, RunRow[]>();
    for (const answer of answers)
      for (const row of answer ?? []) {
        const runParts = partsById.get(row.id);
        if (runParts) runParts.push(row);
        else partsById.set(row.id, [row]);
      }
    // what was known stays until its columns are here again
    for (const [id, runParts] of partsById)
      if (runParts.length < nParts) runParts.push(...(seen.current.get(id)?.slice(0, nParts) ?? []));
    return partsById;
  }, [answers, nParts]);
  useEffect(() => {
    seen.current = parts;
  }, [parts]);
  return parts;
}

/** The value of a run in a column; null: it has none, undefined: it is on its way. */
export function runValue(parts: RunParts | undefined, column: string): unknown {
  if (parts) for (const part of parts) if (column in part.values) return part.values[column];
  return undefined;
}

/** Whether two runs' parts are the same, part for part. */
export function isSameParts(a: RunParts | undefined, b: RunParts | undefined): boolean {
  if (a === b) return true;
  return a !== undefined && b !== undefined && a.length === b.length && a.every((part, i) => part === b[i]);
}
