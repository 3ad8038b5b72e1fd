/** Reports as files. */

import { request } from "../client";
import type { ProjectRef } from "../types";
import { reportPath } from "./reports";

/** One file that needs no server, or a text. */
export type ReportFormat = "html" | "markdown";

/** @param version `draft`, or a version's number */
export async function exportReport(
  ref: ProjectRef,
  id: string,
  format: ReportFormat,
  version: string,
): Promise<Blob> {
  const query = new URLSearchParams({ format, version });
  return (await request(`${reportPath(ref, id)}/export?${query}`)).blob();
}
