/**
 * The lines that are in view: the end of the log, which is always known, and pages of the rest.
 */

import { useQueries, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { type LogLine, logPageQuery, logTailQuery, PAGE_LINES, type WhichLines } from "@/api/logs";
import type { ProjectRef } from "@/api/types";

export interface LogLines {
  /** Undefined until the server has answered. */
  readonly total: number | undefined;
  readonly error: Error | null;
  retry(): void;
  at(position: number): LogLine | undefined;
}

/** @param first, last positions in view */
export function useLogLines(
  ref: ProjectRef,
  run: string,
  which: WhichLines,
  first: number,
  last: number,
): LogLines {
  const tail = useQuery(logTailQuery(ref, run, which));
  const total = tail.data?.total;
  const known = tail.data?.lines[0]?.position ?? 0;
  const from = Math.floor(first / PAGE_LINES);
  const to = Math.floor(Math.min(last, known - 1) / PAGE_LINES);
  const pages = useQueries({
    queries: Array.from({ length: Math.max(to - from + 1, 0) }, (_, i) =>
      logPageQuery(ref, run, which, from + i),
    ),
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
    error: failed?.error ?? null,
    retry: () => void failed?.refetch(),
    at: (position) => byPosition.get(position),
  };
}
