/** The cards of a project's overview with its reports: those that are pinned for all, and others. */

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { type ReportInfo, reportsQuery } from "@/api/reports/reports";
import type { ProjectRef } from "@/api/types";
import { formatCount } from "@/data/text/format";
import { Icon, type IconName } from "@/ui/signs/icons";
import { Ago } from "@/ui/text/ago";
import { MidName } from "@/ui/text/mid-name";
import { ReportThumbnail } from "../report-thumbnail";
import { useRights } from "../use-rights";
import { ListCard } from "./list-card";

const REPORTS = 6;
/** The server pins no more. */
const MOST_PINNED = 6;

/** Pinned ones first, in the order in which they were pinned, then as other lists have them. */
function useReports(project: ProjectRef) {
  return useQuery(reportsQuery(project, "", MOST_PINNED + REPORTS, "pinned"));
}

/** The reports that everyone is to find here; nothing where none is pinned. */
export function PinnedReportsCard({ project }: { project: ProjectRef }) {
  const { data, error, refetch } = useReports(project);
  const pinned = data?.reports.filter(isPinned).slice(0, MOST_PINNED) ?? [];
  if (pinned.length === 0) return null;
  return (
    <ListCard
      title="Pinned reports"
      answer={pinned}
      error={error}
      onRetry={refetch}
      none={null}
      all={null}
      draw={(report) => (
        <ReportLine key={report.id} project={project} report={report} icon="pin">
          {report.thumbnail && (
            <ReportThumbnail project={project} report={report.id} tag={report.thumbnail} />
          )}
        </ReportLine>
      )}
    />
  );
}

/** One's own starred reports, then those that were edited last; but those that are pinned. */
export function ReportsCard({ project }: { project: ProjectRef }) {
  const { mayWrite } = useRights(project);
  const { data, error, refetch } = useReports(project);
  const others = data?.reports.filter((report) => !isPinned(report)).slice(0, REPORTS);
  const areAllPinned = others?.length === 0 && data !== undefined && data.total > 0;
  return (
    <ListCard
      title="Reports"
      answer={others}
      error={error}
      onRetry={refetch}
      none={
        areAllPinned ? (
          "All reports are pinned."
        ) : mayWrite ? (
          <>
            No reports yet.{" "}
            <Link to="/$entity/$project/reports" params={project}>
              Write one
            </Link>{" "}
            to tell others what was found.
          </>
        ) : (
          "Nothing was published in this project yet."
        )
      }
      all={
        <Link to="/$entity/$project/reports" params={project} className="all">
          All {formatCount(data?.total ?? 0)}
        </Link>
      }
      draw={(report) => (
        <ReportLine
          key={report.id}
          project={project}
          report={report}
          icon={report.is_starred ? "star" : "doc"}
        />
      )}
    />
  );
}

function isPinned({ pinned_micros }: ReportInfo): boolean {
  return pinned_micros !== null;
}

interface ReportLineProps {
  readonly project: ProjectRef;
  readonly report: ReportInfo;
  readonly icon: IconName;
  /** Its picture. */
  readonly children?: ReactNode;
}

function ReportLine({ project, report, icon, children }: ReportLineProps) {
  return (
    <li className={icon === "star" ? "starred" : undefined}>
      <Icon name={icon} isSmall />
      <span className="overview-name">
        <Link
          to="/$entity/$project/reports/$report"
          params={{ ...project, report: report.id }}
          className="plain w5"
        >
          <MidName name={report.title.trim() || "Untitled report"} />
        </Link>
        {report.published_version === null && <span className="flag neu">Draft</span>}
        {report.is_starred && <span className="sr">starred</span>}
      </span>
      <span className="meta tn">
        <Ago micros={report.edited_micros} suffix=" ago" />
      </span>
      {report.description && <span className="overview-about ell">{report.description}</span>}
      {children}
    </li>
  );
}
