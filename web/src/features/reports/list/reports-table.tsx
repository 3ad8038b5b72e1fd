/** The reports of a project: starred ones and then the one edited last first, or by a column. */

import { Link } from "@tanstack/react-router";
import { type ReactNode, useMemo } from "react";
import type { ReportInfo, ReportMatch } from "@/api/reports/reports";
import type { ProjectRef, Schemas } from "@/api/types";
import { nextSort, type RowSort, sortRows } from "@/data/table/row-sort";
import { formatCount, formatNoun } from "@/data/text/format";
import { findEach } from "@/data/text/words";
import { usePhone } from "@/ui/hooks/use-phone";
import { type PhoneRows, type TableHead, VirtualTable } from "@/ui/parts/virtual-table";
import { Icon } from "@/ui/signs/icons";
import { Ago } from "@/ui/text/ago";
import { Marked } from "@/ui/text/marked";
import { MidName } from "@/ui/text/mid-name";
import { Person, useHasAccounts } from "../../person";
import { ReportThumbnail } from "../../report-thumbnail";
import { ReportState, reportTitle } from "../report-state";
import { ReportExcerpt } from "./report-excerpt";
import { ReportMenu } from "./report-menu";
import { ReportStar } from "./report-star";

const HEADS: readonly TableHead[] = [
  { id: "title", title: "Report", minPx: 200, grow: 3 },
  { id: "description", title: "Description", minPx: 120, grow: 4, isFixed: true },
  { id: "state", title: "State", minPx: 156 },
  { id: "views", title: "Views", minPx: 64, isNumber: true },
  { id: "edited", title: "Edited", minPx: 104, isNumber: true },
  { id: "created", title: "Created", minPx: 104, isNumber: true },
  { id: "acts", title: <span className="sr">Actions</span>, minPx: 44, isFixed: true },
];

const AUTHOR: TableHead = { id: "author", title: "Author", minPx: 140 };
const EXCERPT: TableHead = { id: "description", title: "In its text", minPx: 280, grow: 6, isFixed: true };
/** On a phone the picture stands in front of both lines. */
const PICTURE: TableHead = {
  id: "picture",
  title: <span className="sr">Picture</span>,
  minPx: 0,
  isFixed: true,
};

/** With the author of each, where there are accounts; of a search with the places of its words. */
function headsOf(hasAccounts: boolean, hasWords: boolean): readonly TableHead[] {
  return HEADS.flatMap((head) => {
    if (head.id === "description" && hasWords) return [EXCERPT];
    return head.id === "state" && hasAccounts ? [head, AUTHOR] : [head];
  });
}

/** The title, and under it its state, author and time; of a search also the place of its words. */
function phoneRows(hasPictures: boolean, hasWords: boolean): PhoneRows {
  const lines = [
    ["title", "title", "title", "acts"],
    ["state", "author", "edited", "acts"],
    ...(hasWords ? [["description", "description", "description", "acts"]] : []),
  ];
  return {
    lines: hasPictures ? lines.map((line) => ["picture", ...line]) : lines,
    columns: `${hasPictures ? "72px " : ""}auto auto minmax(0, 1fr) 44px`,
    px: hasWords ? 84 : 64,
  };
}

interface ReportsTableProps {
  readonly project: ProjectRef;
  readonly list: Schemas["ReportList"];
  /** Of the search; empty: none. */
  readonly words: string;
  readonly sort: RowSort | null;
  onSort(sort: RowSort | null): void;
}

export function ReportsTable({ project, list, words, sort, onSort }: ReportsTableProps) {
  const { reports, matches = {}, open_threads: openThreads = {} } = list;
  const rows = useMemo(
    () => (sort ? sortRows(reports, (report) => sortValue(report, sort.column), sort.isDown) : reports),
    [reports, sort],
  );
  const hasAccounts = useHasAccounts();
  const hasPictures = reports.some(({ thumbnail }) => thumbnail);
  const hasWords = words !== "";
  const heads = headsOf(hasAccounts, hasWords);
  const isPhone = usePhone();
  return (
    <VirtualTable
      label="Reports"
      heads={isPhone && hasPictures ? [PICTURE, ...heads] : heads}
      phone={phoneRows(hasPictures, hasWords)}
      rows={rows}
      sort={sort}
      keyOf={({ id }) => id}
      cellOf={(report, column) =>
        cellOf(
          {
            project,
            report,
            words,
            match: matches[report.id] ?? null,
            nThreads: openThreads[report.id] ?? 0,
            hasPictures: hasPictures && !isPhone,
          },
          column,
        )
      }
      onSort={(column) => onSort(nextSort(sort, column))}
    />
  );
}

function sortValue(report: ReportInfo, column: string) {
  const { published_version: version, has_changes: hasChanges } = report;
  const values: Readonly<Record<string, unknown>> = {
    title: reportTitle(report).toLowerCase(),
    state: version === null ? "draft" : hasChanges ? "published, edited since" : "published",
    author: report.author,
    views: report.n_views,
    edited: report.edited_micros,
    created: report.created_micros,
  };
  return values[column];
}

interface ReportCell {
  readonly project: ProjectRef;
  readonly report: ReportInfo;
  readonly words: string;
  readonly match: ReportMatch | null;
  readonly nThreads: number;
  /** Titles stand apart from the left by a picture, also without one of their own. */
  readonly hasPictures: boolean;
}

function Picture({ project, report }: Pick<ReportCell, "project" | "report">) {
  return (
    <span className="report-picture">
      {report.thumbnail && <ReportThumbnail project={project} report={report.id} tag={report.thumbnail} />}
    </span>
  );
}

function cellOf(
  { project, report, words, match, nThreads, hasPictures }: ReportCell,
  column: string,
): ReactNode {
  const title = reportTitle(report);
  switch (column) {
    case "title":
      return (
        <>
          <ReportStar project={project} report={report} />
          {hasPictures && <Picture project={project} report={report} />}
          <Link
            to="/$entity/$project/reports/$report"
            params={{ ...project, report: report.id }}
            className="row name"
          >
            {words === "" ? (
              <MidName name={title} />
            ) : (
              <span className="ell" title={title}>
                <Marked text={title} spans={findEach(title, words)} />
              </span>
            )}
            {report.pinned_micros !== null && (
              <span className="report-pin muted" title="Pinned to the project's overview">
                <Icon name="pin" isSmall />
                <span className="sr"> pinned</span>
              </span>
            )}
            {nThreads > 0 && (
              <span className="badge tn report-threads" title={formatNoun(nThreads, "open comment thread")}>
                <Icon name="comment" isSmall />
                {nThreads}
                <span className="sr"> open comment threads</span>
              </span>
            )}
          </Link>
        </>
      );
    case "picture":
      return <Picture project={project} report={report} />;
    case "description":
      return match ? (
        <ReportExcerpt project={project} report={report.id} match={match} />
      ) : (
        <span className="ell muted" title={report.description}>
          <Marked text={report.description} spans={findEach(report.description, words)} />
        </span>
      );
    case "state":
      return <ReportState report={report} />;
    case "author":
      return report.author && <Person user={report.author} size="sm" />;
    case "acts":
      return <ReportMenu project={project} report={report} />;
    case "views":
      return formatCount(report.n_views);
    case "created":
      return <Ago micros={report.created_micros} suffix=" ago" />;
    default:
      return <Ago micros={report.edited_micros} suffix=" ago" />;
  }
}
