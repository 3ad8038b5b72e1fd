/** Title, author and dates of a report. */

import type { Report } from "@/api/reports/reports";
import type { ReportDocument } from "@/data/report/document";
import { readingMinutes } from "@/data/report/outline";
import { formatDay } from "@/data/text/format";
import { Ago } from "@/ui/text/ago";
import { Person } from "../person";
import { reportTitle } from "./report-state";

interface ReportHeadProps {
  readonly report: Pick<
    Report,
    "version" | "author" | "published_micros" | "published_version" | "edited_micros"
  >;
  readonly document: ReportDocument;
}

export function ReportHead({ report, document }: ReportHeadProps) {
  const { version, author, published_micros: published, published_version: last } = report;
  return (
    <header className="report-head">
      <h1 dir="auto">{reportTitle(document)}</h1>
      {document.description && <p className="lead">{document.description}</p>}
      <p className="by">
        {author && <Person user={author} size="sm" />}
        <span>
          {version !== null && version === last && published !== null ? (
            <>
              {formatDay(published)}, version {version}
            </>
          ) : version === null ? (
            <>
              draft, edited <Ago micros={report.edited_micros} suffix=" ago" />
            </>
          ) : (
            `version ${version}`
          )}
        </span>
        <span>{readingMinutes(document)} min to read</span>
      </p>
    </header>
  );
}
