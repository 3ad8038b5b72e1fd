/** Reports of a project: the list, the content of one, its versions. */

import { keepPreviousData, type QueryClient, queryOptions } from "@tanstack/react-query";
import { isForbidden, isGone, projectPath, readJson, request, requestJson } from "../client";
import type { ProjectRef } from "../types";

/** A report without its content. */
export interface ReportInfo {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  /** Null on a server without accounts. */
  readonly author: string | null;
  readonly created_micros: number;
  readonly edited_micros: number;
  readonly edited_by: string | null;
  /** The number of the draft's last change. */
  readonly seq: number;
  /** Null: it was never published, and readers do not see it. */
  readonly published_version: number | null;
  readonly published_micros: number | null;
  readonly published_by: string | null;
  /** The draft was changed since it was published. */
  readonly has_changes: boolean;
}

/** A report with the content of its draft or of a version. */
export interface Report extends ReportInfo {
  /** Null: the draft. */
  readonly version: number | null;
  /** `data/report/read.ts` reads it. */
  readonly document: unknown;
}

/** A published version. */
export interface ReportVersion {
  readonly version: number;
  readonly name: string;
  readonly author: string | null;
  readonly created_micros: number;
  readonly title: string;
}

interface ReportList {
  readonly reports: readonly ReportInfo[];
  readonly cursor: string | null;
  readonly total: number;
}

/** The most reports of an answer. */
const PAGE_REPORTS = 1000;

function reportsKey({ entity, project }: ProjectRef, ...rest: readonly unknown[]) {
  return ["reports", entity, project, ...rest] as const;
}

function reportPath(ref: ProjectRef, report: string): string {
  return `${projectPath(ref)}/reports/${encodeURIComponent(report)}`;
}

/** The reports of a project, those that were edited last first; with a search those whose titles or descriptions have it. */
export function reportsQuery(ref: ProjectRef, search: string) {
  const query = new URLSearchParams({ limit: String(PAGE_REPORTS), ...(search && { search }) });
  return queryOptions({
    queryKey: reportsKey(ref, "list", search),
    queryFn: readJson<ReportList>(`${projectPath(ref)}/reports?${query}`),
    placeholderData: keepPreviousData,
    // other people's reports are no events
    staleTime: 0,
  });
}

/**
 * A report with its content.
 *
 * @param version `draft`, `published`, or a version's number; null: what readers see, and of a report that was never
 *   published its draft, for those who may edit it
 */
export function reportQuery(ref: ProjectRef, id: string, version: string | null) {
  const ask = (name: string, signal: AbortSignal) =>
    requestJson<Report>(`${reportPath(ref, id)}?${new URLSearchParams({ version: name })}`, { signal });
  return queryOptions({
    queryKey: reportsKey(ref, "report", id, version),
    queryFn: async ({ signal }) => {
      try {
        return await ask(version ?? "published", signal);
      } catch (error) {
        if (version !== null || !isGone(error)) throw error;
        return ask("draft", signal).catch((second: unknown) => {
          throw isForbidden(second) ? error : second;
        });
      }
    },
    staleTime: 0,
  });
}

/** The versions of a report, newest first. */
export function reportVersionsQuery(ref: ProjectRef, id: string) {
  return queryOptions({
    queryKey: reportsKey(ref, "versions", id),
    queryFn: readJson<{ readonly versions: readonly ReportVersion[] }>(`${reportPath(ref, id)}/versions`),
    select: (page) => page.versions,
    staleTime: 0,
  });
}

/** Show the draft as it is to all readers of the report. */
export async function publishReport(client: QueryClient, ref: ProjectRef, id: string): Promise<void> {
  await request(`${reportPath(ref, id)}/publish`, { method: "POST" });
  await client.invalidateQueries({ queryKey: reportsKey(ref) });
}
