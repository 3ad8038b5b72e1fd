import { queryOptions } from "@tanstack/react-query";
import { jsonBody, projectPath, requestJson } from "../client";
import type { ProjectRef, Schemas } from "../types";
import { loadTable } from "./table-loader";

export type TableWindow = Schemas["TableWindow"];
export type TableColumn = Schemas["TableColumn"];
export type ComputedColumn = Schemas["ComputedColumn"];
export type TableSort = Schemas["TableSort"];
export type ChartPreset = Schemas["ChartPreset"];

type TableQuery = Partial<Schemas["TableQuery"]> & { readonly run: string };

const KEEP_MILLIS = 120_000;
const AWAITED_MILLIS = 3_000;
const WHOLE_CHARS = 1_000_000;

/** Some rows of a table. `hash` tells contents of a path apart. */
export function tableQuery(ref: ProjectRef, hash: string, query: TableQuery) {
  return queryOptions({
    // the beginning is where `api/live/live.ts` looks for the project
    queryKey: ["table", ref.entity, ref.project, hash, query] as const,
    queryFn: ({ signal }) => request(ref, query, signal),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: KEEP_MILLIS,
    refetchInterval: ({ state }) => (isAwaited(state.data) ? AWAITED_MILLIS : false),
  });
}

/** As `tableQuery`, in one request with the other tables that are asked for in the same moment. */
export function sharedTableQuery(ref: ProjectRef, hash: string, query: TableQuery) {
  return {
    ...tableQuery(ref, hash, query),
    queryFn: ({ signal }: { signal: AbortSignal }) => loadTable(ref, query, signal),
  };
}

/** The presets that charts of scripts name. They change with the server's version only. */
export const chartPresetsQuery = queryOptions({
  queryKey: ["chart presets"] as const,
  queryFn: async ({ signal }): Promise<readonly ChartPreset[]> =>
    (await requestJson<Schemas["ChartPresets"]>("/chart-presets", { signal })).presets,
  staleTime: Number.POSITIVE_INFINITY,
});

/** A cell of which a window has only the beginning. */
export function wholeCellQuery(ref: ProjectRef, hash: string, query: TableQuery) {
  return tableQuery(ref, hash, { ...query, limit: 1, max_chars: WHOLE_CHARS });
}

function request(ref: ProjectRef, query: TableQuery, signal: AbortSignal): Promise<TableWindow> {
  return requestJson<TableWindow>(`${projectPath(ref)}/tables/query`, {
    ...jsonBody<"TableQuery">("POST", query),
    signal,
  });
}

function isAwaited(window: TableWindow | undefined): boolean {
  const files = window?.media.flatMap(({ items }) => items.map(({ file }) => file)) ?? [];
  return window?.state === "awaited" || files.some(({ state }) => state === "awaited");
}
