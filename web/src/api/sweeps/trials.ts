/** Trials of a sweep as a table: pages of them in an order, and parameter sets queued by hand. */

import { type QueryClient, queryOptions } from "@tanstack/react-query";
import { jsonBody, requestJson } from "../client";
import type { ProjectRef, Schemas } from "../types";
import { OPEN_MILLIS, sweepPath, sweepsKey } from "./sweeps";

export type SweepTrial = Schemas["SweepTrial"];

/** Trials of one request. */
export const PAGE_TRIALS = 100;

/** Trials out of sight are dropped after a while, so that scrolling through 10,000 of them does not hold all. */
const CACHE_MILLIS = 60_000;

export interface TrialRequest {
  /** Of the server's words; '': all. */
  readonly state: string;
  readonly search: string;
  /** `-values.loss` of the server's words. */
  readonly order: string;
}

/** The prefix of the keys of a sweep's pages of trials. */
export function trialsKey(ref: ProjectRef, sweep: string) {
  return sweepsKey(ref, "trials", sweep);
}

/** A page of trials. `isLive`: the sweep is open. */
export function trialsQuery(
  ref: ProjectRef,
  sweep: string,
  ask: TrialRequest,
  page: number,
  isLive: boolean,
) {
  return queryOptions({
    queryKey: [...trialsKey(ref, sweep), ask, page] as const,
    queryFn: ({ signal }) => {
      const { state, search, order } = ask;
      const query = new URLSearchParams({
        ...(state && { state }),
        ...(search && { search }),
        order,
        limit: String(PAGE_TRIALS),
        offset: String(page * PAGE_TRIALS),
      });
      return requestJson<Schemas["SweepTrialList"]>(`${sweepPath(ref, sweep)}/trials?${query}`, { signal });
    },
    refetchInterval: isLive ? OPEN_MILLIS : false,
    gcTime: CACHE_MILLIS,
  });
}

/** The trial of a run; null: the sweep has none of it. */
export function trialOfRunQuery(ref: ProjectRef, sweep: string, run: string) {
  return queryOptions({
    queryKey: sweepsKey(ref, "trial", sweep, run),
    queryFn: async ({ signal }) => {
      const path = `${sweepPath(ref, sweep)}/trials?run=${encodeURIComponent(run)}`;
      return (await requestJson<Schemas["SweepTrialList"]>(path, { signal })).trials[0] ?? null;
    },
  });
}

/** Queue a parameter set for the next agent; parameters that are left out are drawn. */
export async function enqueueTrial(
  client: QueryClient,
  ref: ProjectRef,
  sweep: string,
  parameters: Readonly<Record<string, unknown>>,
): Promise<SweepTrial> {
  const trial = await requestJson<SweepTrial>(
    `${sweepPath(ref, sweep)}/trials`,
    jsonBody<"NewTrial">("POST", { parameters }),
  );
  await client.invalidateQueries({ queryKey: sweepsKey(ref) });
  return trial;
}
