/**
 * Registries: who may do what there, and links of versions to their collections.
 *
 * Their collections and versions are artifacts of the project `registryRef(name)`.
 */

import { type QueryClient, queryOptions } from "@tanstack/react-query";
import { jsonBody, projectPath, request, requestJson } from "../client";
import type { ProjectRef, Schemas } from "../types";
import type { Artifact } from "./artifacts";

export type Registry = Schemas["Registry"];
type NewLink = Schemas["NewLink"];
type RegistryEdit = Schemas["RegistryEdit"];

/** The entity of all registries. */
const REGISTRY = "registry";

/** Registries that the first link makes. */
export const DEFAULT_REGISTRIES: readonly string[] = ["model", "dataset"];

/** The project that a registry is, to the addresses of artifacts. */
export function registryRef(name: string): ProjectRef {
  return { entity: REGISTRY, project: name };
}

export const registriesQuery = queryOptions({
  queryKey: ["registries"] as const,
  queryFn: async ({ signal }) =>
    (await requestJson<Schemas["RegistryList"]>("/registries", { signal })).registries,
});

/** Link a version to a collection of a registry; the version there. */
export async function linkVersion(client: QueryClient, artifact: Artifact, link: NewLink): Promise<Artifact> {
  const { entity, project, name, version } = artifact;
  const path = `${projectPath({ entity, project })}/artifacts/${encodeURIComponent(name)}/versions/${version}/links`;
  const linked = await requestJson<Artifact>(path, jsonBody<"NewLink">("POST", link));
  await forget(client);
  return linked;
}

/** Take a version out of a registry. */
export async function unlinkVersion(client: QueryClient, artifact: Artifact): Promise<void> {
  const { entity, project, name, version } = artifact;
  const path = `${projectPath({ entity, project })}/artifacts/${encodeURIComponent(name)}/versions/${version}`;
  await request(`${path}?with_aliases=true`, { method: "DELETE" });
  await forget(client);
}

/** Make a registry, or change one. */
export async function putRegistry(client: QueryClient, name: string, edit: RegistryEdit): Promise<void> {
  await request(`/registries/${encodeURIComponent(name)}`, jsonBody<"RegistryEdit">("PUT", edit));
  await client.invalidateQueries({ queryKey: registriesQuery.queryKey });
}

/** All that shows links, in registries and in projects, is asked again. */
async function forget(client: QueryClient): Promise<void> {
  await Promise.all([
    client.invalidateQueries({ queryKey: registriesQuery.queryKey }),
    client.invalidateQueries({ queryKey: ["artifacts"] }),
  ]);
}
