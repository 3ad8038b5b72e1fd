/**
 * Artifacts: collections, versions, lineage, and what a run logged and used. `artifact-files.ts` has the files.
 */

import { keepPreviousData, type QueryClient, queryOptions } from "@tanstack/react-query";
import { jsonBody, projectPath, readJson, request, runPath } from "../client";
import type { ProjectRef, Schemas } from "../types";

export type Collection = Schemas["ArtifactCollection"];
export type Artifact = Schemas["Artifact"];
export type ArtifactEdit = Schemas["ArtifactEdit"];
export type CollectionEdit = Schemas["CollectionEdit"];
export type ArtifactChange = Schemas["ArtifactChange"];
export type ArtifactDiff = Schemas["ArtifactDiff"];
export type ChangedFile = Schemas["ChangedFile"];
export type Lineage = Schemas["Lineage"];
export type LineageNode = Schemas["LineageNode"];

const MOST_COLLECTIONS = 10_000;
const MOST_VERSIONS = 10_000;
const SENT_MILLIS = 3000;
const MOST_CHANGES = 2000;

/** The key of what is known of a project's artifacts; an edit has all of it asked again. */
export function artifactKey(ref: ProjectRef, ...rest: readonly unknown[]) {
  return ["artifacts", ref.entity, ref.project, ...rest] as const;
}

function collectionPath(ref: ProjectRef, name: string): string {
  return `${projectPath(ref)}/artifacts/${encodeURIComponent(name)}`;
}

export function versionPath(ref: ProjectRef, name: string, version: string): string {
  return `${collectionPath(ref, name)}/versions/${encodeURIComponent(version)}`;
}

/** The collections of a project that have a text in their name or in what describes them, by name. */
export function collectionsQuery(ref: ProjectRef, search: string) {
  const params = new URLSearchParams({ limit: String(MOST_COLLECTIONS), ...(search && { search }) });
  return queryOptions({
    queryKey: artifactKey(ref, "list", search),
    queryFn: readJson<Schemas["CollectionList"]>(`${projectPath(ref)}/artifacts?${params}`),
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) =>
      state.data?.collections.some((collection) => collection.n_begun > 0) ? SENT_MILLIS : false,
  });
}

export function collectionQuery(ref: ProjectRef, name: string) {
  return queryOptions({
    queryKey: artifactKey(ref, "collection", name),
    queryFn: readJson<Collection>(collectionPath(ref, name)),
  });
}

/** The newest versions of a collection, and what is being sent. */
export function versionsQuery(ref: ProjectRef, name: string) {
  return queryOptions({
    queryKey: artifactKey(ref, "versions", name),
    queryFn: readJson<Schemas["VersionList"]>(`${collectionPath(ref, name)}/versions?limit=${MOST_VERSIONS}`),
    refetchInterval: ({ state }) => (state.data && state.data.begun.length > 0 ? SENT_MILLIS : false),
  });
}

export function versionQuery(ref: ProjectRef, name: string, version: string) {
  return queryOptions({
    queryKey: artifactKey(ref, "version", name, version),
    queryFn: readJson<Artifact>(versionPath(ref, name, version)),
  });
}

export function artifactHistoryQuery(ref: ProjectRef, name: string) {
  return queryOptions({
    queryKey: artifactKey(ref, "history", name),
    queryFn: readJson<Schemas["ArtifactHistory"]>(`${collectionPath(ref, name)}/history`),
  });
}

export function lineageQuery(ref: ProjectRef, name: string, version: string, depth: number) {
  return queryOptions({
    queryKey: artifactKey(ref, "lineage", name, version, depth),
    queryFn: readJson<Lineage>(`${versionPath(ref, name, version)}/lineage?depth=${depth}`),
    placeholderData: keepPreviousData,
  });
}

export function runLineageQuery(ref: ProjectRef, run: string, depth: number) {
  return queryOptions({
    queryKey: ["run-detail", ref.entity, ref.project, run, "lineage", depth] as const,
    queryFn: readJson<Lineage>(`${runPath(ref, run)}/lineage?depth=${depth}`),
    placeholderData: keepPreviousData,
  });
}

/** Differences between two versions: the first files by path, and the number of each kind. */
export function artifactDiffQuery(
  ref: ProjectRef,
  name: string,
  version: string,
  request: { readonly before: string; readonly change: "different" | "all"; readonly search: string },
) {
  const query = new URLSearchParams({ ...request, limit: String(MOST_CHANGES) });
  return queryOptions({
    queryKey: artifactKey(ref, "diff", name, version, request),
    queryFn: readJson<ArtifactDiff>(`${versionPath(ref, name, version)}/diff?${query}`),
    placeholderData: keepPreviousData,
  });
}

export function runArtifactsQuery(ref: ProjectRef, run: string) {
  return queryOptions({
    queryKey: ["run-detail", ref.entity, ref.project, run, "artifacts"] as const,
    queryFn: readJson<Schemas["RunArtifacts"]>(`${runPath(ref, run)}/artifacts`),
  });
}

/**
 * Describe a version, or move aliases to it; all that shows artifacts of the project is asked again, also if the
 * server refuses it: then an alias was moved by someone else.
 */
export async function editVersion(
  client: QueryClient,
  ref: ProjectRef,
  name: string,
  version: string,
  edit: ArtifactEdit,
): Promise<void> {
  try {
    await request(versionPath(ref, name, version), jsonBody<"ArtifactEdit">("PATCH", edit));
  } finally {
    await client.invalidateQueries({ queryKey: artifactKey(ref) });
  }
}

/** Delete a version permanently, with its aliases. */
export async function deleteVersion(
  client: QueryClient,
  ref: ProjectRef,
  name: string,
  version: string,
): Promise<void> {
  await request(`${versionPath(ref, name, version)}?with_aliases=true`, { method: "DELETE" });
  await client.invalidateQueries({ queryKey: artifactKey(ref) });
}

export async function editCollection(
  client: QueryClient,
  ref: ProjectRef,
  name: string,
  edit: CollectionEdit,
): Promise<void> {
  await request(collectionPath(ref, name), jsonBody<"CollectionEdit">("PATCH", edit));
  await client.invalidateQueries({ queryKey: artifactKey(ref) });
}
