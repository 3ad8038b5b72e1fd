/** The columns of a project's runs: searched by name, page by page. */

import {
  infiniteQueryOptions,
  keepPreviousData,
  type QueryClient,
  queryOptions,
} from "@tanstack/react-query";
import { projectPath, requestJson, SHARED_ENTITY } from "../client";
import type { ProjectRef, Schemas } from "../types";

/** A column with the kinds of its values, how many runs have it, and some values. */
export type Column = Schemas["Column"];
type ColumnPage = Schemas["ColumnList"];

/** Columns change with new keys only; a picker need not know them at once. */
const OLD_MILLIS = 30_000;
const PAGE_COLUMNS = 200;
/** The most that a table of runs can have. */
const MOST_COLUMNS = 1000;
const MOST_GOALS = 200;

interface Asking {
  readonly signal: AbortSignal;
  readonly client: QueryClient;
}

async function askColumns(ref: ProjectRef, query: Record<string, string>, { signal, client }: Asking) {
  if (ref.entity === SHARED_ENTITY)
    return (await import("../shared-columns")).loadSharedColumns(ref, query, client);
  return requestJson<ColumnPage>(`${projectPath(ref)}/columns?${new URLSearchParams(query)}`, { signal });
}

/** The prefix of the keys of all lists of a project's columns. */
function columnsKey(ref: ProjectRef) {
  return ["columns", ref.entity, ref.project] as const;
}

function searchedBy(search: string, isRegex: boolean): Record<string, string> {
  return search === "" ? {} : { search, ...(isRegex && { regex: "true" }) };
}

/**
 * The first columns of most runs with all words of a text in their names, or that match it as a pattern; a null
 * cursor: there are no others.
 */
export function columnSearchQuery(ref: ProjectRef, search: string, isRegex = false) {
  return queryOptions({
    queryKey: [...columnsKey(ref), "use", search, isRegex] as const,
    queryFn: (asking) =>
      askColumns(ref, { order: "use", limit: String(PAGE_COLUMNS), ...searchedBy(search, isRegex) }, asking),
    staleTime: OLD_MILLIS,
  });
}

/** Names of the columns that most runs have, as many as one table can show. */
export async function askMostUsed(ref: ProjectRef, asking: Asking): Promise<string[]> {
  const { columns } = await askColumns(ref, { order: "use", limit: String(MOST_COLUMNS) }, asking);
  return columns.map(({ column }) => column);
}

/** Summaries of metrics with a goal, those of most runs first. */
export function aimedColumnsQuery(ref: ProjectRef) {
  return queryOptions({
    queryKey: [...columnsKey(ref), "aimed"] as const,
    queryFn: (asking) =>
      askColumns(ref, { has_goal: "true", order: "use", limit: String(MOST_GOALS) }, asking),
    select: (page) => page.columns,
    staleTime: OLD_MILLIS,
  });
}

/**
 * Columns in pages: all or those that match a pattern by name, those with all words of a text in their names the
 * likeliest first.
 */
export function columnsQuery(ref: ProjectRef, search: string, isRegex = false) {
  return infiniteQueryOptions({
    queryKey: [...columnsKey(ref), "pages", search, isRegex] as const,
    queryFn: ({ signal, client, pageParam }) =>
      askColumns(
        ref,
        {
          limit: String(PAGE_COLUMNS),
          ...(search !== "" && !isRegex && { order: "use" }),
          ...searchedBy(search, isRegex),
          ...(pageParam && { cursor: pageParam }),
        },
        { signal, client },
      ),
    initialPageParam: "",
    getNextPageParam: (page) => page.cursor ?? undefined,
    placeholderData: keepPreviousData,
    staleTime: OLD_MILLIS,
  });
}

/** The server takes patterns of 1,000 characters; one longer name alone may exceed it. */
const MOST_PATTERN = 900;

/** The columns of these names, as far as runs have them. */
export function namedColumnsQuery(ref: ProjectRef, names: readonly string[]) {
  return queryOptions({
    queryKey: [...columnsKey(ref), "named", names] as const,
    queryFn: async (asking) => {
      const answers = await Promise.all(
        patternsOf(names).map((pattern) =>
          askColumns(ref, { regex: "true", search: pattern, limit: "1000" }, asking),
        ),
      );
      return answers.flatMap(({ columns }) => columns);
    },
    enabled: names.length > 0,
    staleTime: OLD_MILLIS,
  });
}

/** Patterns that find exactly these names, as few as their length allows. */
export function patternsOf(names: readonly string[]): string[] {
  const patterns: string[] = [];
  let parts: string[] = [];
  const end = () => {
    if (parts.length > 0) patterns.push(`^(${parts.join("|")})$`);
    parts = [];
  };
  for (const name of names) {
    // RE2 takes a backslash before ASCII punctuation only
    const part = name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
    if (parts.join("|").length + part.length > MOST_PATTERN) end();
    parts.push(part);
  }
  end();
  return patterns;
}

/** More parameters than this are left out, of the fewest runs first. */
export const MOST_PARAMETERS = 1000;

/** Parameters of runs, with samples, those of most runs first. */
export function parametersQuery(ref: ProjectRef) {
  return queryOptions({
    queryKey: [...columnsKey(ref), "parameters"] as const,
    queryFn: async (asking) => {
      const query = { scope: "config", order: "use", limit: String(MOST_PARAMETERS) };
      const { columns } = await askColumns(ref, query, asking);
      return columns;
    },
    staleTime: OLD_MILLIS,
  });
}
