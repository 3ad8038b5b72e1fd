/**
 * The lines that are in view: of all lines the end, which is always known, and pages of the rest; or pages of
 * those that a search found.
 */

import { useQueries, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import {
  type LineSelection,
  type LogLine,
  type LogSearch,
  logMatchesQuery,
  logPageQuery,
  logTailQuery,
  PAGE_LINES,
} from "@/api/files/logs";
import type { ProjectRef } from "@/api/types";

/** Matches of a search, in the place of all lines. */
export interface LogMatches {
  readonly search: LogSearch;
  /** Null until the server has answered. */
  readonly positions: readonly number[] | null;
  /** False: there are more, of which the positions are the first. */
  readonly isComplete: boolean;
}

export interface LogLines {
  /** Number of lines, matching or all. Undefined until the server has answered. */
  readonly total: number | undefined;
  /** Number of shown rows. */
  readonly n: number;
  readonly error: Error | null;
  retry(): void;
  positionAt(row: number): number;
  /** The row of a position, or of the next shown one. */
  rowOf(position: number): number;
  at(position: number): LogLine | undefined;
}

const NOTHING: readonly number[] = [];

/**
 * @param matches if null, all lines are shown
 * @param first, last rows in view
 */
export function useLogLines(
  ref: ProjectRef,
  run: string,
  selection: LineSelection,
  matches: LogMatches | null,
  first: number,
  last: number,
): LogLines {
  const tail = useQuery(logTailQuery(ref, run, selection));
  const total = tail.data?.total;
  const positions = matches && (matches.positions ?? NOTHING);
  const n = positions ? positions.length : (total ?? 0);
  const endRow = matches ? n : (tail.data?.lines[0]?.position ?? 0);
  const from = Math.floor(first / PAGE_LINES);
  const to = Math.floor(Math.min(last, endRow - 1) / PAGE_LINES);
  const pages = useQueries({
    queries: Array.from({ length: Math.max(to - from + 1, 0) }, (_, i) => {
      const row = (from + i) * PAGE_LINES;
      return matches
        ? logMatchesQuery(
            ref,
            run,
            selection,
            matches.search,
            positions![row]!,
            Math.min(PAGE_LINES, n - row),
          )
        : logPageQuery(ref, run, selection, from + i);
    }),
  });
  const byPosition = useMemo(() => {
    const lines = new Map<number, LogLine>();
    for (const page of pages) for (const line of page.data?.lines ?? []) lines.set(line.position, line);
    for (const line of tail.data?.lines ?? []) lines.set(line.position, line);
    return lines;
  }, [pages, tail.data]);
  const failed = [tail, ...pages].find((query) => query.isError);
  return {
    total,
    n,
    error: failed?.error ?? null,
    retry: () => void failed?.refetch(),
    positionAt: (row) => (positions ? (positions[row] ?? 0) : row),
    rowOf: (position) => (positions ? nextRow(positions, position) : position),
    at: (position) => byPosition.get(position),
  };
}

function nextRow(positions: readonly number[], position: number): number {
  const row = positions.findIndex((other) => other >= position);
  return row < 0 ? Math.max(positions.length - 1, 0) : row;
}
