/** The room and runs that an entity and its projects take, and their quotas. */

import { queryOptions } from "@tanstack/react-query";
import { jsonBody, readJson, requestJson } from "../client";
import type { Schemas } from "../types";

export type EntityUsage = Schemas["EntityUsage"];
export type ProjectUsage = Schemas["ProjectUsage"];
export type PersonUsage = Schemas["PersonUsage"];
export type QuotaEdit = Schemas["QuotaEdit"];

export function usageQuery(entity: string) {
  return queryOptions({
    queryKey: ["usage", entity],
    queryFn: readJson<EntityUsage>(usagePath(entity)),
    staleTime: 0,
  });
}

/** Set the quota of an entity, or of one of its projects. */
export function setQuota(entity: string, project: string | null, edit: QuotaEdit): Promise<EntityUsage> {
  const owner = project === null ? "" : `/${encodeURIComponent(project)}`;
  return requestJson<EntityUsage>(`${usagePath(entity)}${owner}/quota`, jsonBody<"QuotaEdit">("PUT", edit));
}

function usagePath(entity: string): string {
  return `/usage/${encodeURIComponent(entity)}`;
}
