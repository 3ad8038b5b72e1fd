/** Sweeps: their states, runs and agents; creating, steering and deleting them. */

import { keepPreviousData, type QueryClient, queryOptions } from "@tanstack/react-query";
import { jsonBody, projectPath, readJson, request, requestJson } from "../client";
import { rowsQuery } from "../runs/run-rows";
import type { ProjectRef, Schemas } from "../types";

export type Sweep = Schemas["Sweep"];
export type SweepRun = Schemas["SweepRun"];
export type CheckedSweep = Schemas["CheckedSweep"];
export type SweepEdit = Schemas["SweepEdit"];

/** Time after which what belongs to an open sweep is asked for again. */
export const OPEN_MILLIS = 3000;
const PAGE_SWEEPS = 1000;
/** Up to so many runs of a sweep are asked for again after `OPEN_MILLIS`. */
const RUNS_OFTEN = 1000;
/** Runs of a sweep that its page draws. */
export const MOST_RUNS = 10_000;

/** A sweep in one of these states changes by itself. */
const OPEN_STATES: ReadonlySet<Sweep["state"]> = new Set(["pending", "running", "paused"]);

/** Whether a sweep may still change: also runs that were given before it was stopped. */
export function isOpen({ state, counts }: Sweep): boolean {
  return OPEN_STATES.has(state) || counts.running > 0;
}

/** The key of what is known of a project's sweeps; an edit has all of it asked again. */
export function sweepsKey({ entity, project }: ProjectRef, ...rest: readonly unknown[]) {
  return ["sweeps", entity, project, ...rest] as const;
}

export function sweepPath(ref: ProjectRef, id: string): string {
  return `${projectPath(ref)}/sweeps/${encodeURIComponent(id)}`;
}

/** The sweeps of a project, newest first. */
export function sweepsQuery(ref: ProjectRef) {
  return queryOptions({
    queryKey: sweepsKey(ref, "list"),
    queryFn: readJson<Schemas["SweepList"]>(`${projectPath(ref)}/sweeps?limit=${PAGE_SWEEPS}`),
    refetchInterval: ({ state }) => (state.data?.sweeps.some(isOpen) ? OPEN_MILLIS : false),
  });
}

export function sweepQuery(ref: ProjectRef, id: string) {
  return queryOptions({
    queryKey: sweepsKey(ref, "sweep", id),
    queryFn: readJson<Sweep>(sweepPath(ref, id)),
    refetchInterval: ({ state }) => (state.data && isOpen(state.data) ? OPEN_MILLIS : false),
  });
}

/** The first `MOST_RUNS` runs of a sweep, by number. `isLive`: the sweep is open. */
export function sweepRunsQuery(ref: ProjectRef, id: string, isLive: boolean) {
  return queryOptions({
    queryKey: sweepsKey(ref, "runs", id),
    queryFn: async ({ signal }) =>
      (
        await requestJson<Schemas["SweepRunList"]>(`${sweepPath(ref, id)}/runs?limit=${MOST_RUNS}`, {
          signal,
        })
      ).runs,
    // an answer of 10,000 runs has megabytes: the more there are, the less often they are asked for
    refetchInterval: ({ state }) =>
      isLive ? OPEN_MILLIS * Math.max(1, Math.ceil((state.data?.length ?? 0) / RUNS_OFTEN)) : false,
  });
}

export function sweepAgentsQuery(ref: ProjectRef, id: string, isLive: boolean) {
  return queryOptions({
    queryKey: sweepsKey(ref, "agents", id),
    queryFn: async ({ signal }) =>
      (await requestJson<Schemas["SweepAgentList"]>(`${sweepPath(ref, id)}/agents`, { signal })).agents,
    refetchInterval: isLive ? OPEN_MILLIS : false,
  });
}

/** The names of runs by their ids; deleted runs are left out. */
export function runNamesQuery(ref: ProjectRef, ids: readonly string[]) {
  const filter = `id in (${ids.map((id) => JSON.stringify(id)).join(", ")})`;
  return {
    ...rowsQuery(ref, { filter, search: "", isRegex: false, order: [], columns: [] }, null, 0, PAGE_SWEEPS),
    enabled: ids.length > 0,
    placeholderData: keepPreviousData,
  };
}

/** Say what is wrong with a configuration, or what it would hand out. */
export function checkSweepQuery(ref: ProjectRef, config: string) {
  return queryOptions({
    queryKey: sweepsKey(ref, "check", config),
    queryFn: ({ signal }) =>
      requestJson<CheckedSweep>(`${projectPath(ref)}/sweeps/check`, {
        ...jsonBody<"SweepCheck">("POST", { config }),
        signal,
      }),
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
}

export async function createSweep(client: QueryClient, ref: ProjectRef, config: string): Promise<Sweep> {
  const sweep = await requestJson<Sweep>(
    `${projectPath(ref)}/sweeps`,
    jsonBody<"NewSweep">("POST", { config }),
  );
  await client.invalidateQueries({ queryKey: sweepsKey(ref) });
  return sweep;
}

export async function editSweep(
  client: QueryClient,
  ref: ProjectRef,
  id: string,
  edit: SweepEdit,
): Promise<void> {
  const sweep = await requestJson<Sweep>(sweepPath(ref, id), jsonBody<"SweepEdit">("PATCH", edit));
  client.setQueryData(sweepQuery(ref, id).queryKey, sweep);
  await client.invalidateQueries({ queryKey: sweepsKey(ref) });
}

/** Delete a sweep; its runs stay. */
export async function deleteSweep(client: QueryClient, ref: ProjectRef, id: string): Promise<void> {
  await request(sweepPath(ref, id), { method: "DELETE" });
  await client.invalidateQueries({ queryKey: sweepsQuery(ref).queryKey });
}
