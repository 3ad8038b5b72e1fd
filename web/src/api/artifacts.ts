/**
 * Artifacts: collections, versions, their files, lineage, and what a run logged and used.
 */

import { keepPreviousData, type QueryClient, queryOptions } from "@tanstack/react-query";
import { jsonBody, projectPath, request, requestJson, runPath } from "./client";
import type { ProjectRef, Schemas } from "./types";

export type Collection = Schemas["ArtifactCollection"];
export type Artifact = Schemas["Artifact"];
export type ArtifactFile = Schemas["ArtifactFile"];
export type ArtifactEdit = Schemas["ArtifactEdit"];
export type ArtifactChange = Schemas["ArtifactChange"];
export type Lineage = Schemas["Lineage"];
export type LineageNode = Schemas["LineageNode"];

const MOST_COLLECTIONS = 10_000;
const MOST_VERSIONS = 1000;

function keyOf(ref: ProjectRef, ...rest: readonly unknown[]) {
  return ["artifacts", ref.entity, ref.project, ...rest] as const;
}

function collectionPath(ref: ProjectRef, name: string): string {
  return `${projectPath(ref)}/artifacts/${encodeURIComponent(name)}`;
}

function versionPath(ref: ProjectRef, name: string, version: string): string {
  return `${collectionPath(ref, name)}/versions/${encodeURIComponent(version)}`;
}

/** All collections of a project, by name. */
export function collectionsQuery(ref: ProjectRef) {
  return queryOptions({
    queryKey: keyOf(ref, "list"),
    queryFn: ({ signal }) =>
      requestJson<Schemas["CollectionList"]>(`${projectPath(ref)}/artifacts?limit=${MOST_COLLECTIONS}`, {
        signal,
      }),
  });
}

/** The newest versions of a collection. */
export function versionsQuery(ref: ProjectRef, name: string) {
  return queryOptions({
    queryKey: keyOf(ref, "versions", name),
    queryFn: ({ signal }) =>
      requestJson<Schemas["VersionList"]>(`${collectionPath(ref, name)}/versions?limit=${MOST_VERSIONS}`, {
        signal,
      }),
  });
}

export function versionQuery(ref: ProjectRef, name: string, version: string) {
  return queryOptions({
    queryKey: keyOf(ref, "version", name, version),
    queryFn: ({ signal }) => requestJson<Artifact>(versionPath(ref, name, version), { signal }),
  });
}

export function artifactHistoryQuery(ref: ProjectRef, name: string) {
  return queryOptions({
    queryKey: keyOf(ref, "history", name),
    queryFn: ({ signal }) =>
      requestJson<Schemas["ArtifactHistory"]>(`${collectionPath(ref, name)}/history`, { signal }),
  });
}

export function lineageQuery(ref: ProjectRef, name: string, version: string, depth: number) {
  return queryOptions({
    queryKey: keyOf(ref, "lineage", name, version, depth),
    queryFn: ({ signal }) =>
      requestJson<Lineage>(`${versionPath(ref, name, version)}/lineage?depth=${depth}`, { signal }),
    placeholderData: keepPreviousData,
  });
}

/** What is directly in a folder of a version. */
export function artifactFolderQuery(ref: ProjectRef, name: string, version: string, folder: string) {
  const asked = new URLSearchParams({ folder, limit: "1000" });
  return queryOptions({
    queryKey: keyOf(ref, "folder", name, version, folder),
    queryFn: ({ signal }) =>
      requestJson<Schemas["ArtifactFolder"]>(`${versionPath(ref, name, version)}/folder?${asked}`, {
        signal,
      }),
    placeholderData: keepPreviousData,
  });
}

export function runArtifactsQuery(ref: ProjectRef, run: string) {
  return queryOptions({
    queryKey: ["run-detail", ref.entity, ref.project, run, "artifacts"] as const,
    queryFn: ({ signal }) =>
      requestJson<Schemas["RunArtifacts"]>(`${runPath(ref, run)}/artifacts`, { signal }),
  });
}

/** Describe a version, or move aliases to it; all that shows artifacts of the project is asked again. */
export async function editVersion(
  client: QueryClient,
  ref: ProjectRef,
  name: string,
  version: string,
  edit: ArtifactEdit,
): Promise<void> {
  await request(versionPath(ref, name, version), jsonBody<"ArtifactEdit">("PATCH", edit));
  await client.invalidateQueries({ queryKey: keyOf(ref) });
}
