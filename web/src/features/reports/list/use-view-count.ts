import { useEffect } from "react";
import { noteReportView, type Report } from "@/api/reports/reports";
import type { ProjectRef } from "@/api/types";

/** Counts that a page shows what was published. */
export function useViewCount(project: ProjectRef, report: Report): void {
  const { id, version, published_version: published } = report;
  const isPublished = version !== null && version === published;
  useEffect(() => {
    if (isPublished) noteReportView(project, id);
  }, [project, id, isPublished]);
}
