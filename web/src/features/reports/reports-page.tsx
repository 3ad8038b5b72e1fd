/** The reports of a project: a table of them with a search, or how to create the first one. */

import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { useEffect, useMemo, useState } from "react";
import { createReport, reportsQuery } from "@/api/reports/reports";
import type { ProjectRef } from "@/api/types";
import { sortOfText, sortText } from "@/data/table/row-sort";
import { formatCount, formatNoun } from "@/data/text/format";
import { CardSearch } from "@/ui/cards/card-search";
import { Button } from "@/ui/controls/button";
import { CopyButton } from "@/ui/controls/copy-button";
import { useSettled } from "@/ui/hooks/use-settled";
import { attempt } from "@/ui/overlays/toasts";
import { EmptyState } from "@/ui/signs/empty-state";
import { PageFault } from "@/ui/signs/fault";
import { SkeletonRows } from "@/ui/signs/skeleton";
import { tellPageStatus } from "../page-status";
import { textParameter, useSearchState } from "../search-state";
import { useRights } from "../use-rights";
import { ReportsTable } from "./list/reports-table";
import "./list/reports.css";

const STATE = { search: textParameter("q"), sort: textParameter("sort") };

export function ReportsPage() {
  const { entity = "", project = "" }: Partial<ProjectRef> = useParams({ strict: false });
  const ref = useMemo(() => ({ entity, project }), [entity, project]);
  const [{ search, sort }, setState] = useSearchState(STATE);
  const words = useSettled(search.trim());
  const query = useQuery(reportsQuery(ref, words));
  const { mayWrite } = useRights(ref);
  useEffect(() => tellPageStatus({ title: "Reports" }), []);
  const { data, error, refetch } = query;
  if (error && !data)
    return <PageFault title="The reports could not be listed" error={error} onRetry={refetch} />;
  const isBare = data?.total === 0 && search === "";
  return (
    <main className="reports" aria-label="Reports">
      {!isBare && (
        <div className="reports-bar">
          <CardSearch
            label="Search reports and their texts"
            value={search}
            onChange={(text) => setState({ search: text })}
          />
          {data && (
            <span className="muted tn">
              {data.total > data.reports.length && `the first ${formatCount(data.reports.length)} of `}
              {formatNoun(data.total, "report")}
            </span>
          )}
          <span className="grow" />
          {mayWrite && <NewReport project={ref} />}
        </div>
      )}
      {!data ? (
        <SkeletonRows n={12} height={34} />
      ) : isBare ? (
        <NoReports project={ref} mayWrite={mayWrite} />
      ) : data.reports.length === 0 ? (
        <EmptyState
          icon="search"
          title="No report matches"
          action={
            <button type="button" className="btn sm" onClick={() => setState({ search: "" })}>
              Clear search
            </button>
          }
        >
          No report has {search.trim().includes(" ") ? "all of " : ""}
          <span className="mono">{search}</span> in its title, description or text.
        </EmptyState>
      ) : (
        <ReportsTable
          project={ref}
          list={data}
          words={words}
          sort={sortOfText(sort)}
          onSort={(next) => setState({ sort: sortText(next) })}
        />
      )}
    </main>
  );
}

/** Creates an empty draft and opens it to be written. */
function NewReport({ project }: { project: ProjectRef }) {
  const navigate = useNavigate();
  const [isSending, setSending] = useState(false);
  const create = async () => {
    setSending(true);
    await attempt("Could not create a report", async () => {
      const { id } = await createReport(project);
      await navigate({
        to: "/$entity/$project/reports/$report",
        params: { ...project, report: id },
        search: { edit: "1" } as never,
      });
    });
    setSending(false);
  };
  return (
    <Button look="ink" icon="plus" isSmall disabled={isSending} onClick={() => void create()}>
      New report
    </Button>
  );
}

function NoReports({ project: ref, mayWrite }: { project: ProjectRef; mayWrite: boolean }) {
  const code = `import weft.reports as wr

report = wr.Report(
    ${JSON.stringify(ref.project)},
    entity=${JSON.stringify(ref.entity)},
    title="What we tried",
    blocks=[
        wr.P("The loss of all runs:"),
        wr.PanelGrid(runsets=[wr.Runset()], panels=[wr.LinePlot(y=["loss"])]),
    ],
)
report.save()`;
  return (
    <div className="no-reports">
      <h2>No reports yet</h2>
      <p>
        A report is a document of text, figures and live charts over chosen runs, to tell others what was
        found.{" "}
        {mayWrite ? "Write one here, or create it in Python:" : "Nothing was published in this project yet."}
      </p>
      {mayWrite && <NewReport project={ref} />}
      {mayWrite && (
        <figure>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled area must be reachable by keyboard */}
          <pre className="code" tabIndex={0}>
            {code}
          </pre>
          <CopyButton text={code} label="Copy code" isIcon />
        </figure>
      )}
      <Link to="/docs/$document" params={{ document: "reports" } as never} className="btn">
        How reports work
      </Link>
    </div>
  );
}
