import { useQueryClient } from "@tanstack/react-query";
import { type ReportInfo, starReport } from "@/api/reports/reports";
import type { ProjectRef } from "@/api/types";
import { attempt } from "@/ui/overlays/toasts";
import { Icon } from "@/ui/signs/icons";
import { reportTitle } from "../report-state";

interface ReportStarProps {
  readonly project: ProjectRef;
  readonly report: ReportInfo;
}

/** The star with which people keep a report at the top, each for themselves. */
export function ReportStar({ project, report }: ReportStarProps) {
  const client = useQueryClient();
  const { id, is_starred: isStarred } = report;
  return (
    <button
      type="button"
      className={`eye star ${isStarred ? "on" : ""}`}
      aria-pressed={isStarred}
      aria-label={`Star ${reportTitle(report)}`}
      title={isStarred ? "Starred by you; click to take the star away" : "Star: at the top for you"}
      onClick={() =>
        void attempt("The star was not changed", () => starReport(client, project, id, !isStarred))
      }
    >
      <Icon name="star" />
    </button>
  );
}
