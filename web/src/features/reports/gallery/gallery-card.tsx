import { Link } from "@tanstack/react-router";
import type { GalleryReport } from "@/api/reports/gallery";
import { formatNoun } from "@/data/text/format";
import { findEach } from "@/data/text/words";
import { Ago } from "@/ui/text/ago";
import { Marked } from "@/ui/text/marked";
import { PersonAvatar, useHasAccounts } from "../../person";
import { ReportThumbnail } from "../../report-thumbnail";
import { ReportExcerpt } from "../list/report-excerpt";
import { ReportState, reportTitle } from "../report-state";

interface GalleryCardProps {
  readonly report: GalleryReport;
  /** Of the search; empty: none. */
  readonly words: string;
  /** Name the entity, too: the cards are of several. */
  readonly hasEntity: boolean;
}

/** A report of any project: its title leads to it, and with a search its excerpt to the place of the words. */
export function GalleryCard({ report, words, hasEntity }: GalleryCardProps) {
  const { entity, project, match, author } = report;
  const hasAccounts = useHasAccounts();
  const title = reportTitle(report);
  const ref = { entity, project };
  return (
    <li className="card report-gallery-card">
      {report.thumbnail && <ReportThumbnail project={ref} report={report.id} tag={report.thumbnail} />}
      <div className="row">
        <Link
          to="/$entity/$project/reports/$report"
          params={{ ...ref, report: report.id }}
          className="plain w5 ell report-gallery-title"
          title={title}
        >
          <Marked text={title} spans={findEach(title, words)} />
        </Link>
        <span className="grow" />
        <ReportState report={report} />
      </div>
      <div className="report-gallery-about">
        {match ? (
          <ReportExcerpt project={ref} report={report.id} match={match} />
        ) : (
          <span className="muted" title={report.description}>
            <Marked text={report.description} spans={findEach(report.description, words)} />
          </span>
        )}
      </div>
      <div className="row meta">
        {hasAccounts && author && (
          <span className="row" title={`Written by ${author}`}>
            <PersonAvatar user={author} size="sm" />
            <span className="sr">by {author}</span>
          </span>
        )}
        <Link to="/$entity/$project/overview" params={ref} className="plain ell">
          {hasEntity && <span className="muted">{entity} / </span>}
          {project}
        </Link>
        <span className="grow" />
        {report.published_version !== null && (
          <span className="tn">{formatNoun(report.n_views, "view")}</span>
        )}
        <span className="tn">
          <Ago micros={report.edited_micros} suffix=" ago" />
        </span>
      </div>
    </li>
  );
}
