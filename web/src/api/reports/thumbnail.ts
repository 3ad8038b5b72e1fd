/** Small pictures of reports. */

import { queryOptions } from "@tanstack/react-query";
import { readJson } from "../client";
import type { ProjectRef, Schemas } from "../types";
import { reportPath } from "./reports";

/** @param tag changes with the picture, which is read once */
export function thumbnailQuery(ref: ProjectRef, report: string, tag: string) {
  return queryOptions({
    queryKey: ["report-thumbnail", ref.entity, ref.project, report, tag],
    queryFn: readJson<Schemas["ReportThumbnail"]>(`${reportPath(ref, report)}/thumbnail`),
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
}
