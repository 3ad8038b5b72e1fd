import { Link } from "@tanstack/react-router";
import type { ReportMatch } from "@/api/reports/reports";
import type { ProjectRef } from "@/api/types";

interface ReportExcerptProps {
  readonly project: ProjectRef;
  readonly report: string;
  readonly match: ReportMatch;
}

/** A part of a report's text with the words of a search marked; it leads to their block. */
export function ReportExcerpt({ project, report, match: { block, pieces } }: ReportExcerptProps) {
  return (
    <Link
      to="/$entity/$project/reports/$report"
      params={{ ...project, report }}
      hash={block}
      className="plain ell report-excerpt"
      title={pieces.join("")}
    >
      {pieces.map((piece, i) =>
        // biome-ignore lint/suspicious/noArrayIndexKey: the pieces of one text
        i % 2 === 1 ? <mark key={i}>{piece}</mark> : piece,
      )}
    </Link>
  );
}
