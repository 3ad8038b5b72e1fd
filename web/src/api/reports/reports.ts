/** Reports of a project: the list, the content of one, its versions. */

import { keepPreviousData, type QueryClient, queryOptions } from "@tanstack/react-query";
import { isForbidden, isGone, jsonBody, projectPath, readJson, request, requestJson } from "../client";
import type { ProjectRef, Schemas } from "../types";

/** A report without its content. */
export type ReportInfo = Schemas["ReportInfo"];
/** A report with the content of its draft or of a version: `data/report/read.ts` reads it. */
export type Report = Schemas["Report"];

/** The most reports of an answer. */
const PAGE_REPORTS = 1000;

function reportsKey({ entity, project }: ProjectRef, ...rest: readonly unknown[]) {
  return ["reports", entity, project, ...rest] as const;
}

export function reportPath(ref: ProjectRef, report: string): string {
  return `${projectPath(ref)}/reports/${encodeURIComponent(report)}`;
}

/** Where the words of a search stand in the text of a report. */
export type ReportMatch = Schemas["ReportMatch"];

/**
 * The reports of a project, one's own starred ones first, then those that were edited last; with a search those that have
 * its words in title, description or text.
 *
 * @param order `pinned`: before all others those that are pinned to the overview
 */
export function reportsQuery(
  ref: ProjectRef,
  search: string,
  limit = PAGE_REPORTS,
  order: "starred" | "pinned" = "starred",
) {
  const query = new URLSearchParams({ order, limit: String(limit), ...(search && { search }) });
  return queryOptions({
    queryKey: reportsKey(ref, "list", search, limit, order),
    queryFn: readJson<Schemas["ReportList"]>(`${projectPath(ref)}/reports?${query}`),
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
    queryFn: readJson<Schemas["ReportVersionList"]>(`${reportPath(ref, id)}/versions`),
    select: (page) => page.versions,
    staleTime: 0,
  });
}

/** Create an empty draft. */
export function createReport(ref: ProjectRef): Promise<Report> {
  return requestJson<Report>(`${projectPath(ref)}/reports`, jsonBody<"ReportCreate">("POST", {}));
}

/** Show the draft as it is to all readers of the report; returns the number of the version. */
export async function publishReport(client: QueryClient, ref: ProjectRef, id: string): Promise<number> {
  const { version } = await requestJson<Schemas["ReportVersionInfo"]>(`${reportPath(ref, id)}/publish`, {
    method: "POST",
  });
  await refreshReports(client, ref);
  return version;
}

/** Star a report for oneself, or take the star away. */
export async function starReport(
  client: QueryClient,
  ref: ProjectRef,
  id: string,
  isStarred: boolean,
): Promise<void> {
  client.setQueriesData<Schemas["ReportList"]>(
    { queryKey: reportsKey(ref, "list") },
    (page) =>
      page && {
        ...page,
        reports: page.reports.map((info) => (info.id === id ? { ...info, is_starred: isStarred } : info)),
      },
  );
  try {
    await request(`${reportPath(ref, id)}/star`, { method: isStarred ? "PUT" : "DELETE" });
  } finally {
    await refreshReports(client, ref);
  }
}

/** Pin a report to the project's overview, for everyone, or take it off. */
export async function pinReport(
  client: QueryClient,
  ref: ProjectRef,
  id: string,
  isPinned: boolean,
): Promise<void> {
  await request(`${reportPath(ref, id)}/pin`, { method: isPinned ? "PUT" : "DELETE" });
  await refreshReports(client, ref);
}

/** Count an opening of what was published; not worth telling anyone if it fails. */
export function noteReportView(ref: ProjectRef, id: string): void {
  void request(`${reportPath(ref, id)}/views`, { method: "POST" }).catch(() => undefined);
}

/** Move a report with its versions to the trash. */
export async function deleteReport(ref: ProjectRef, id: string): Promise<void> {
  await request(reportPath(ref, id), { method: "DELETE" });
}

/** Take a report out of the trash. */
export async function undeleteReport(ref: ProjectRef, id: string): Promise<void> {
  await request(`${reportPath(ref, id)}/undelete`, { method: "POST" });
}

/** Delete a report permanently, whether it is in the trash or not. */
export async function deleteReportForGood(ref: ProjectRef, id: string): Promise<void> {
  await request(`${reportPath(ref, id)}?permanently=true`, { method: "DELETE" });
}

/** Have the reports of a project read again. */
export function refreshReports(client: QueryClient, ref: ProjectRef): Promise<void> {
  return client.invalidateQueries({ queryKey: reportsKey(ref) });
}
