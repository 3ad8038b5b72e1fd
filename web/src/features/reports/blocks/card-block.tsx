/** A thing of weft with its name and a link: a run, a metric, an artifact, a sweep, a table, another report. */

import { useQuery } from "@tanstack/react-query";
import { Link, type LinkProps } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { versionQuery } from "@/api/artifacts/artifacts";
import { reportQuery } from "@/api/reports/reports";
import { sweepQuery } from "@/api/sweeps/sweeps";
import type { ProjectRef } from "@/api/types";
import type { Card } from "@/data/report/document";
import { readRunPath } from "@/data/report/outline";
import { formatOf } from "@/data/table/cell-format";
import { formatNoun } from "@/data/text/format";
import { Icon, type IconName } from "@/ui/signs/icons";
import { StateIcon } from "@/ui/signs/state-icon";
import { MidName } from "@/ui/text/mid-name";
import { runPageOf, TEXT_BLOCK } from "../grid/run-page-link";
import { useReport } from "../report-context";
import { reportTitle } from "../report-state";

export function CardBlock({ card }: { card: Card }) {
  const { isShared, isStatic } = useReport();
  const { of, path, key } = card;
  const [entity = "", project = "", ...rest] = path.split("/");
  const ref = { entity, project };
  const name = rest.join("/");
  // a link shows runs as they were stored, and nothing else of their projects
  if (isShared && of !== "run" && of !== "metric" && of !== "table")
    return <NoCard kind={of ?? "card"} path="" />;
  if (isStatic && (of === "artifact" || of === "sweep" || of === "report"))
    return (
      <CardLink icon={STATIC_ICONS[of]} name={name} kind={of} to={{ to: "/$entity/$project", params: ref }} />
    );
  switch (of) {
    case "run":
    case "metric":
    case "table":
      return <RunCard path={path} of={of} metric={key} />;
    case "runs":
      return (
        <CardLink
          icon="table"
          name={`${entity}/${project}`}
          kind="runs"
          to={{ to: "/$entity/$project/runs", params: ref }}
        />
      );
    case "artifact":
      return <ArtifactCard project={ref} name={name} />;
    case "sweep":
      return <SweepCard project={ref} sweep={name} />;
    case "report":
      return <ReportCard project={ref} report={name} />;
    default:
      return <NoCard kind="card" path={path} />;
  }
}

/** Of cards that a static file has the name of, and no more. */
const STATIC_ICONS = { artifact: "box", sweep: "sweep", report: "doc" } as const;

interface CardLinkProps {
  readonly icon: IconName | ReactNode;
  readonly name: string;
  readonly kind: string;
  readonly note?: ReactNode;
  /** Null: the reader has no page of it. */
  readonly to: LinkProps | null;
}

function CardLink({ icon, name, kind, note, to }: CardLinkProps) {
  const content = (
    <>
      {typeof icon === "string" ? <Icon name={icon as IconName} /> : icon}
      <MidName name={name} />
      <span className="meta">{kind}</span>
      {note && <span className="note">{note}</span>}
    </>
  );
  if (to === null) return <div className="report-card">{content}</div>;
  return (
    <Link {...to} className="report-card">
      {content}
    </Link>
  );
}

/** A card of something that is gone, or that the reader may not see. */
function NoCard({ kind, path }: { kind: string; path: string }) {
  const { isShared, isStatic } = useReport();
  return (
    <div className="report-card gone" title={path || undefined}>
      <Icon name="eyeoff" />
      <span className="ell">
        {isShared
          ? `A link does not show this ${kind}`
          : isStatic
            ? `This ${kind} was not stored when the report was published`
            : `This ${kind} is deleted, or you may not see it`}
      </span>
    </div>
  );
}

function CardToCome() {
  return (
    <div className="report-card" role="status" aria-label="Loading a card">
      <span className="sk" style={{ width: 180 }} />
    </div>
  );
}

interface RunCardProps {
  readonly path: string;
  readonly of: "run" | "metric" | "table";
  /** Name of the metric or table. */
  readonly metric: string | null;
}

function RunCard({ path, of, metric: key }: RunCardProps) {
  const report = useReport();
  const run = report.runOf(path);
  const params = readRunPath(path);
  if (run === undefined) return <CardToCome />;
  if (run === null || params === null) return <NoCard kind={of} path={path} />;
  const page = runPageOf(report, TEXT_BLOCK, params, params.run);
  if (of === "run" || key === null)
    return (
      <CardLink
        icon={<span className="dot" style={{ background: `var(--w-run-${run.color})` }} />}
        name={run.name}
        kind="run"
        note={
          <>
            <StateIcon state={run.state} /> {run.state}
          </>
        }
        to={page}
      />
    );
  const column = `summary.${key}`;
  return (
    <CardLink
      icon={of === "table" ? "table" : "chart"}
      name={key}
      kind={`${of} of ${run.name}`}
      note={of === "metric" && formatOf(column, undefined, undefined)(run.values[column]).text}
      to={
        report.isShared
          ? page
          : {
              to: `/$entity/$project/runs/$run/${of === "table" ? "media" : "charts"}`,
              params,
              search: (of === "table" ? {} : { p: key }) as never,
            }
      }
    />
  );
}

/** @param name as `name:version`; without a version the latest */
function ArtifactCard({ project, name }: { project: ProjectRef; name: string }) {
  const [collection = "", version = "latest"] = name.split(":");
  const { data, isError } = useQuery({ ...versionQuery(project, collection, version), retry: false });
  if (isError) return <NoCard kind="artifact" path={name} />;
  if (!data) return <CardToCome />;
  return (
    <CardLink
      icon="box"
      name={name}
      kind={data.type}
      note={formatNoun(data.n_files, "file")}
      to={{
        to: "/$entity/$project/artifacts/$type/$artifact/$version",
        params: { ...project, type: data.type, artifact: collection, version } as never,
      }}
    />
  );
}

function SweepCard({ project, sweep }: { project: ProjectRef; sweep: string }) {
  const { data, isError } = useQuery({
    ...sweepQuery(project, sweep),
    refetchInterval: false,
    retry: false,
  });
  if (isError) return <NoCard kind="sweep" path={sweep} />;
  if (!data) return <CardToCome />;
  return (
    <CardLink
      icon="sweep"
      name={data.name || data.id}
      kind="sweep"
      note={data.state}
      to={{ to: "/$entity/$project/sweeps/$sweep", params: { ...project, sweep } }}
    />
  );
}

function ReportCard({ project, report }: { project: ProjectRef; report: string }) {
  const { data, isError } = useQuery({ ...reportQuery(project, report, null), retry: false });
  if (isError) return <NoCard kind="report" path={report} />;
  if (!data) return <CardToCome />;
  return (
    <CardLink
      icon="doc"
      name={reportTitle(data)}
      kind="report"
      to={{ to: "/$entity/$project/reports/$report", params: { ...project, report } }}
    />
  );
}
