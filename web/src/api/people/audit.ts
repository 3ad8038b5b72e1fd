/** The audit log: who changed what, from where, when. */

import { infiniteQueryOptions } from "@tanstack/react-query";
import { requestJson } from "../client";
import type { Schemas } from "../types";

export type AuditEntry = Schemas["AuditEntry"];

/** Texts that entries must have; '': any. */
export interface AuditFilter {
  readonly actor: string;
  readonly action: string;
  readonly entity: string;
  /** Only entries since then; null: all. */
  readonly days: number | null;
}

const PAGE_ENTRIES = 100;
const DAY_MICROS = 86_400e6;

/** Entries, the newest first, in pages. */
export function auditQuery(filter: AuditFilter) {
  return infiniteQueryOptions({
    queryKey: ["audit", filter],
    queryFn: ({ signal, pageParam }) => {
      const query = auditSearch(filter);
      query.set("limit", String(PAGE_ENTRIES));
      if (pageParam) query.set("cursor", pageParam);
      return requestJson<Schemas["AuditPage"]>(`/audit?${query}`, { signal });
    },
    initialPageParam: "",
    getNextPageParam: (page) => page.cursor ?? undefined,
    staleTime: 0,
  });
}

/** The address of all entries that fit, as JSON lines. */
export function auditExportUrl(filter: AuditFilter): string {
  return `/api/v1/audit/export?${auditSearch(filter)}`;
}

function auditSearch({ actor, action, entity, days }: AuditFilter): URLSearchParams {
  const query = new URLSearchParams();
  if (actor) query.set("actor", actor);
  if (action) query.set("action", action);
  if (entity) query.set("entity", entity);
  if (days !== null) query.set("since_micros", String(Math.floor(Date.now() * 1000 - days * DAY_MICROS)));
  return query;
}
