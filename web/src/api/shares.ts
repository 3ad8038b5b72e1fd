/**
 * Shares: links that show a part of a project, for its members, and their contents for everyone who has one.
 */

import { keepPreviousData, type QueryClient, queryOptions } from "@tanstack/react-query";
import { jsonBody, projectPath, readJson, request, requestJson, runPath, sharedRef } from "./client";
import type { ProjectRef, Run, RunPage, Schemas } from "./types";

type Order = Schemas["Order"];

export type Share = Schemas["Share"];
export type ShareCreate = Schemas["ShareCreate"];

/** The most runs that the page of a share draws. */
export const MOST_DRAWN = 100;

export function sharesQuery(ref: ProjectRef) {
  return queryOptions({
    queryKey: ["shares", ref.entity, ref.project],
    queryFn: readJson<{ shares: Share[] }>(`${projectPath(ref)}/shares`),
    select: (page) => page.shares,
    // other people's shares are no events
    staleTime: 0,
  });
}

export async function createShare(client: QueryClient, ref: ProjectRef, share: ShareCreate): Promise<Share> {
  const created = await requestJson<Share>(
    `${projectPath(ref)}/shares`,
    jsonBody<"ShareCreate">("POST", share),
  );
  void client.invalidateQueries({ queryKey: sharesQuery(ref).queryKey });
  return created;
}

export async function revokeShare(client: QueryClient, ref: ProjectRef, id: string): Promise<void> {
  await request(`${projectPath(ref)}/shares/${id}`, { method: "DELETE" });
  await client.invalidateQueries({ queryKey: sharesQuery(ref).queryKey });
}

/** `ref` as of `sharedRef`. */
export function sharedQuery(ref: ProjectRef) {
  return queryOptions({
    queryKey: ["shared", ref.project],
    queryFn: readJson<Schemas["SharedSet"]>(projectPath(ref)),
  });
}

/** The link of the report behind which a link shows the page of a run: ID.CODE.GRID.N.RUN; null of other links. */
export function reportLinkOf(link: string): string | null {
  const [id, code, ...part] = link.split(".");
  return part.length > 2 ? `${id}.${code}` : null;
}

export type SharedReport = Schemas["SharedReport"];

/** Stands for the project of a shared report, whose name a link does not tell; the server names it so, too. */
export const SHOWN_PROJECT: ProjectRef = { entity: "-", project: "1" };

/** The published content of a shared report. */
export function sharedReportQuery(link: string) {
  return queryOptions({
    queryKey: ["shared-report", link],
    queryFn: readJson<SharedReport>(`${projectPath(sharedRef(link))}/report`),
  });
}

/** The first runs of a share in an order, with their config and summary; without one the newest. */
export function sharedRunsQuery(ref: ProjectRef, order: readonly Order[] = []) {
  return queryOptions({
    queryKey: ["shared-runs", ref.project, order],
    queryFn: ({ signal }) =>
      requestJson<RunPage>(`${projectPath(ref)}/runs/query`, {
        ...jsonBody<"RunQuery">("POST", { limit: MOST_DRAWN, ...(order.length > 0 && { order }) }),
        signal,
      }),
  });
}

/** One run of a share with all of its config and summary, which the list of runs cuts off where they are long. */
export function sharedRunQuery(ref: ProjectRef, run: string) {
  return queryOptions({
    queryKey: ["shared-run", ref.project, run],
    queryFn: readJson<Run>(runPath(ref, run)),
  });
}

/** The files that a shared run's script saved, if the share shows them. */
export function sharedFilesQuery(ref: ProjectRef, run: string) {
  return queryOptions({
    queryKey: ["shared-files", ref.project, run],
    queryFn: readJson<Schemas["FileList"]>(`${runPath(ref, run)}/files`),
  });
}

/** The last lines that a shared run's script printed, if the share shows them. */
export function sharedLinesQuery(ref: ProjectRef, run: string, limit: number) {
  return queryOptions({
    queryKey: ["shared-lines", ref.project, run, limit],
    queryFn: readJson<Schemas["LogPage"]>(`${runPath(ref, run)}/logs?tail=true&limit=${limit}`),
    placeholderData: keepPreviousData,
  });
}

/** The newest runs of a share of a panel, which says nothing more of them. */
export function sharedRowsQuery(ref: ProjectRef, limit: number) {
  return queryOptions({
    queryKey: ["shared-rows", ref.project, limit],
    queryFn: ({ signal }) =>
      requestJson<Schemas["Table"]>(`${projectPath(ref)}/runs/query`, {
        ...jsonBody<"RunQuery">("POST", { limit, columns: [] }),
        signal,
      }),
  });
}
