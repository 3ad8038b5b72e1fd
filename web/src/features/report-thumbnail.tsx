/** A small picture of a report: the first curves of what was published, in the colors of their runs. */

import { useQuery } from "@tanstack/react-query";
import { thumbnailQuery } from "@/api/reports/thumbnail";
import type { ProjectRef } from "@/api/types";
import "./report-thumbnail.css";

interface ReportThumbnailProps {
  readonly project: ProjectRef;
  readonly report: string;
  /** `thumbnail` of the report in a list. */
  readonly tag: string;
}

/** Its box is there before the picture, as large as the place that uses it says. */
export function ReportThumbnail({ project, report, tag }: ReportThumbnailProps) {
  const { data } = useQuery(thumbnailQuery(project, report, tag));
  const hasCurves = data !== undefined && data.curves.length > 0;
  return (
    <span className="report-thumbnail" title={hasCurves ? data.name : undefined} aria-hidden="true">
      {hasCurves && (
        <svg viewBox="0 0 320 160" preserveAspectRatio="none" aria-hidden="true">
          {data.curves.toReversed().map(({ color, path }, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the curves of one picture
            <path key={i} d={path} stroke={`var(--w-run-${color})`} />
          ))}
        </svg>
      )}
    </span>
  );
}
