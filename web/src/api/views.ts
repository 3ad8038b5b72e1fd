/**
 * Saved views of a project, and its sets of columns, which are kept as views of a kind of their own. Their version guards each change: who was slower is told (`outdated`, 412).
 */

import { queryOptions } from "@tanstack/react-query";
import { jsonBody, projectPath, readJson, request, requestJson } from "./client";
import type { ProjectRef, SavedView, SavedViewInfo, Schemas } from "./types";

type Document = Readonly<Record<string, unknown>>;

export const DEFAULT = "default";
const MAX_LAST_CHARS = 20_000;

function viewsPath(ref: ProjectRef): string {
  return `${projectPath(ref)}/views`;
}

function viewPath(ref: ProjectRef, id: string): string {
  return `${viewsPath(ref)}/${encodeURIComponent(id)}`;
}

function atVersion(init: RequestInit, version: number): RequestInit {
  return { ...init, headers: { ...init.headers, "if-match": `"${version}"` } };
}

/** Own and shared views, by name. */
export function savedViewsQuery(ref: ProjectRef) {
  return queryOptions({
    queryKey: ["views", ref.entity, ref.project],
    queryFn: readJson<{ views: SavedViewInfo[] }>(viewsPath(ref)),
    select: (page) => page.views,
    // other people's changes of the list are no events: it is asked for again whenever it is opened
    staleTime: 0,
  });
}

/** The project's sets of columns for the runs table, by name. */
export function columnSetsQuery(ref: ProjectRef) {
  return queryOptions({
    queryKey: ["column-sets", ref.entity, ref.project],
    queryFn: readJson<{ views: SavedViewInfo[] }>(`${viewsPath(ref)}?kind=columns`),
    select: (page) => page.views,
    staleTime: 0,
  });
}

/** A set of columns as it is in this version. */
export function columnSetQuery(ref: ProjectRef, { id, version }: SavedViewInfo) {
  return queryOptions({
    queryKey: ["column-set", ref.entity, ref.project, id, version],
    queryFn: () => fetchSavedView(ref, id),
  });
}

/** A view by its id, or `DEFAULT`: what a person sees without asking for another, at version 0 at first. */
export function fetchSavedView(ref: ProjectRef, id: string): Promise<SavedView> {
  return requestJson<SavedView>(viewPath(ref, id));
}

/** `isLast`: the page is going. */
export function putDefaultView(
  ref: ProjectRef,
  document: Document,
  version: number,
  isLast: boolean,
): Promise<SavedViewInfo> {
  const body = jsonBody<"DefaultView">("PUT", { document });
  // browsers let no more outlive a page
  const init = { ...body, keepalive: isLast && String(body.body).length < MAX_LAST_CHARS };
  return requestJson<SavedViewInfo>(viewPath(ref, DEFAULT), atVersion(init, version));
}

export function createSavedView(ref: ProjectRef, view: Schemas["ViewCreate"]): Promise<SavedView> {
  return requestJson<SavedView>(viewsPath(ref), jsonBody<"ViewCreate">("POST", view));
}

/** Puts a document where a URL can name it; the same one always has the same id. */
export async function createViewLink(ref: ProjectRef, document: Document): Promise<string> {
  const link = await requestJson<SavedView>(
    viewsPath(ref),
    jsonBody<"ViewCreate">("POST", { kind: "link", document }),
  );
  return link.id;
}

export type ViewChanges = Schemas["ViewEdit"];

export function editSavedView(
  ref: ProjectRef,
  { id, version }: SavedViewInfo,
  changes: ViewChanges,
): Promise<SavedViewInfo> {
  return requestJson<SavedViewInfo>(
    viewPath(ref, id),
    atVersion(jsonBody<"ViewEdit">("PATCH", changes), version),
  );
}

/** Takes a view, or a set of columns, out of the trash. */
export function undeleteSavedView(ref: ProjectRef, id: string): Promise<SavedView> {
  return requestJson<SavedView>(`${viewPath(ref, id)}/undelete`, jsonBody<"ViewUndelete">("POST", {}));
}

/** Delete a view permanently, also out of the trash. */
export async function deleteViewForGood(ref: ProjectRef, id: string): Promise<void> {
  await request(`${viewPath(ref, id)}?permanently=true`, { method: "DELETE" });
}

export async function deleteSavedView(ref: ProjectRef, id: string): Promise<void> {
  await request(viewPath(ref, id), { method: "DELETE" });
}
