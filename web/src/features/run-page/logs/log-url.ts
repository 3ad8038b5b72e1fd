/**
 * The state of the Logs tab, as the search part of its address.
 */

import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback, useMemo } from "react";

export type Times = "off" | "clock" | "since";

export interface LogUrl {
  readonly find: string;
  readonly isRegex: boolean;
  /** Whether only lines that the search finds are shown. */
  readonly onlyMatches: boolean;
  /** `rank 3`, or a writer's id; empty: all. */
  readonly source: string;
  readonly stream: "stdout" | "stderr" | null;
  readonly times: Times;
  readonly wraps: boolean;
  /** The chosen line. Null: none. */
  readonly line: number | null;
}

type SearchText = Readonly<Record<string, string | undefined>>;

function urlOf(search: SearchText): LogUrl {
  const { stream, times } = search;
  const line = Number(search.line);
  return {
    find: search.find ?? "",
    isRegex: search.regex === "1",
    onlyMatches: search.only === "1",
    source: search.source ?? "",
    stream: stream === "stdout" || stream === "stderr" ? stream : null,
    times: times === "clock" || times === "since" ? times : "off",
    wraps: search.wrap === "1",
    line: Number.isInteger(line) && line >= 1 ? line - 1 : null,
  };
}

function searchOf(url: LogUrl): Record<string, string> {
  const all = {
    find: url.find,
    regex: url.isRegex ? "1" : "",
    only: url.onlyMatches ? "1" : "",
    source: url.source,
    stream: url.stream ?? "",
    times: url.times === "off" ? "" : url.times,
    wrap: url.wraps ? "1" : "",
    line: url.line === null ? "" : String(url.line + 1),
  };
  return Object.fromEntries(Object.entries(all).filter(([, text]) => text !== ""));
}

export function useLogUrl(): [LogUrl, (change: Partial<LogUrl>) => void] {
  const search = useSearch({ strict: false }) as SearchText;
  const navigate = useNavigate();
  const url = useMemo(() => urlOf(search), [search]);
  const change = useCallback(
    (changed: Partial<LogUrl>) =>
      void navigate({
        to: ".",
        search: ((before: SearchText) => searchOf({ ...urlOf(before), ...changed })) as never,
        replace: true,
      }),
    [navigate],
  );
  return [url, change];
}
