/** The reports of a project: the one edited last first, or by a column. */

import { Link } from "@tanstack/react-router";
import { type ReactNode, useMemo, useState } from "react";
import type { ReportInfo } from "@/api/reports/reports";
import type { ProjectRef } from "@/api/types";
import { nextSort, type RowSort, sortRows } from "@/data/table/row-sort";
import { type TableHead, VirtualTable } from "@/ui/parts/virtual-table";
import { Ago } from "@/ui/text/ago";
import { MidName } from "@/ui/text/mid-name";
import { Person, useHasAccounts } from "../person";
import { ReportMenu } from "./report-menu";
import { ReportState, reportTitle } from "./report-state";

const HEADS: readonly TableHead[] = [
  { id: "title", title: "Report", minPx: 200, grow: 3, phoneMostPx: 220 },
  { id: "description", title: "Description", minPx: 120, grow: 4, isFixed: true },
  { id: "state", title: "State", minPx: 156, isKey: true },
  { id: "edited", title: "Edited", minPx: 104, isNumber: true },
  { id: "created", title: "Created", minPx: 104, isNumber: true },
  { id: "acts", title: <span className="sr">Actions</span>, minPx: 44, isFixed: true },
];

/** With the author of each, where there are accounts. */
const HEADS_OF_MANY: readonly TableHead[] = [
  ...HEADS.slice(0, 3),
  { id: "author", title: "Author", minPx: 140 },
  ...HEADS.slice(3),
];

interface ReportsTableProps {
  readonly project: ProjectRef;
  readonly reports: readonly ReportInfo[];
}

export function ReportsTable({ project, reports }: ReportsTableProps) {
  const [sort, setSort] = useState<RowSort | null>(null);
  const rows = useMemo(
    () => (sort ? sortRows(reports, (report) => sortValue(report, sort.column), sort.isDown) : reports),
    [reports, sort],
  );
  const hasAccounts = useHasAccounts();
  return (
    <VirtualTable
      label="Reports"
      heads={hasAccounts ? HEADS_OF_MANY : HEADS}
      rows={rows}
      sort={sort}
      keyOf={({ id }) => id}
      cellOf={(report, column) => cellOf(project, report, column)}
      onSort={(column) => setSort((before) => nextSort(before, column))}
    />
  );
}

function sortValue(report: ReportInfo, column: string) {
  const { published_version: version, has_changes: hasChanges } = report;
  const values: Readonly<Record<string, unknown>> = {
    title: reportTitle(report).toLowerCase(),
    state: version === null ? "draft" : hasChanges ? "published, edited since" : "published",
    author: report.author,
    edited: report.edited_micros,
    created: report.created_micros,
  };
  return values[column];
}

function cellOf(project: ProjectRef, report: ReportInfo, column: string): ReactNode {
  switch (column) {
    case "title":
      return (
        <Link
          to="/$entity/$project/reports/$report"
          params={{ ...project, report: report.id }}
          className="row name"
        >
          <MidName name={reportTitle(report)} />
        </Link>
      );
    case "description":
      return (
        <span className="ell muted" title={report.description}>
          {report.description}
        </span>
      );
    case "state":
      return <ReportState report={report} />;
    case "author":
      return report.author && <Person user={report.author} size="sm" />;
    case "acts":
      return <ReportMenu project={project} report={report} />;
    case "created":
      return <Ago micros={report.created_micros} suffix=" ago" />;
    default:
      return <Ago micros={report.edited_micros} suffix=" ago" />;
  }
}
