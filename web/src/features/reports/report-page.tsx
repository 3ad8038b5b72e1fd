/** `/{entity}/{project}/reports/{report}`: a report as its readers see it, its draft, or an older version. */

import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { lazy, Suspense, useCallback, useEffect, useMemo, useState } from "react";
import { isGone } from "@/api/client";
import { useLive } from "@/api/live/live";
import { imageAddress } from "@/api/reports/images";
import { type Report, reportQuery } from "@/api/reports/reports";
import type { ProjectRef } from "@/api/types";
import { isSynced } from "@/charts/shared-state";
import { gridsOf, outlineOf, panelLevelsOf, referencesOf } from "@/data/report/outline";
import { readReport } from "@/data/report/read";
import { PinnedTip } from "@/panels/plot/pinned-tip";
import { TipLayer } from "@/panels/plot/tip-layer";
import { useStable } from "@/ui/hooks/use-stable";
import { PageFault } from "@/ui/signs/fault";
import { PageProblem } from "@/ui/signs/page-problem";
import { SkeletonRows } from "@/ui/signs/skeleton";
import { tellPageStatus } from "../page-status";
import { choiceParameter, switchParameter, textParameter, useSearchState } from "../search-state";
import { useRights } from "../use-rights";
import { CommentsFrame } from "./comments/comments-frame";
import { CommentsHere } from "./comments/comments-here";
import { type FigureMode, FiguresContext, useFiguresOf } from "./figures/figures-context";
import { useStoring } from "./figures/use-storing";
import { useViewCount } from "./list/use-view-count";
import { ReportBar } from "./report-bar";
import { ReportContext } from "./report-context";
import { ReportHead } from "./report-head";
import { reportTitle } from "./report-state";
import { ReportText } from "./report-text";
import { useReferences, useStoredReferences } from "./report-values";
import { usePrint } from "./use-print";
import "./report.css";

const STATE = {
  version: textParameter("version"),
  isEdited: switchParameter("edit"),
  /** `store`: the figures of the version are being stored, as after it was published. */
  figures: choiceParameter("figures", ["now", "store"], "published"),
};

/** Readers never load it. */
const ReportEditor = lazy(() => import("./editor/report-editor"));

export function ReportPage() {
  const params: Partial<ProjectRef> & { report?: string } = useParams({ strict: false });
  const { entity = "", project = "", report: id = "" } = params;
  const ref = useMemo(() => ({ entity, project }), [entity, project]);
  const [{ version, isEdited, figures }, setState] = useSearchState(STATE);
  const { data, error, refetch } = useQuery(reportQuery(ref, id, version || null));
  const { mayWrite } = useRights(ref);
  const link = useLive(ref);
  const title = data ? reportTitle(data) : null;
  useEffect(() => tellPageStatus({ title, link }), [title, link]);
  if (error && !data)
    return isGone(error) ? (
      <NoReport project={ref} />
    ) : (
      <PageFault title="The report could not be read" error={error} onRetry={refetch} />
    );
  if (!data) return <SkeletonRows n={10} label="Loading the report" />;
  const reader = (
    <Reader
      // another content has other grids, whose panels a reader may have zoomed
      key={`${id} ${data.version} ${data.version === null ? data.seq : ""}`}
      project={ref}
      report={data}
      figures={figures}
      onVersion={(next) => setState({ version: next, figures: "published" })}
      onPublished={() => setState({ version: "", figures: "store" })}
      onFigures={(next) => setState({ figures: next })}
      onEdit={() => setState({ isEdited: true })}
    />
  );
  if (!isEdited || !mayWrite) return reader;
  return (
    <Suspense fallback={<SkeletonRows n={10} label="Loading the draft" />}>
      <ReportEditor
        key={id}
        project={ref}
        report={id}
        onDone={() => {
          void refetch();
          setState({ isEdited: false, version: data.published_version === null ? "" : "draft" });
        }}
        onPublished={() => setState({ isEdited: false, version: "", figures: "store" })}
        fallback={reader}
      />
    </Suspense>
  );
}

function NoReport({ project }: { project: ProjectRef }) {
  return (
    <PageProblem icon="doc" title="No such report">
      <span>It was deleted, was never published, or the address is not whole.</span>
      <Link to="/$entity/$project/reports" params={project} className="btn sm">
        All reports
      </Link>
    </PageProblem>
  );
}

interface ReaderProps {
  readonly project: ProjectRef;
  readonly report: Report;
  readonly figures: FigureMode;
  onVersion(version: string): void;
  onPublished(): void;
  onFigures(figures: FigureMode): void;
  onEdit(): void;
}

function Reader({ project, report, figures, onVersion, onPublished, onFigures, onEdit }: ReaderProps) {
  const document = useMemo(() => readReport(report.document), [report.document]);
  const outline = useMemo(() => outlineOf(document), [document]);
  const panelLevels = useMemo(() => panelLevelsOf(document), [document]);
  const { mayWrite } = useRights(project);
  const { id, version: number, figures: infos } = report;
  const version = useMemo(
    () => (number === null ? null : { project, report: id, version: number }),
    [project, id, number],
  );
  const figuresOf = useFiguresOf(infos);
  const references = useMemo(() => referencesOf(document), [document]);
  const runOf = useReferences(references);
  const storedRunOf = useStoredReferences(document, version, figuresOf);
  const isStoring = figures === "store" && mayWrite && version !== null;
  const onEnd = useStable(() => onFigures("published"));
  const storing = useStoring(isStoring ? version : null, document, figuresOf, onEnd);
  const { onStored } = storing;
  const mode = figures === "store" && !isStoring ? "published" : figures;
  const hasFigures = infos.length > 0;
  const hasParts = useMemo(
    () => gridsOf(document).length > 0 || references.length > 0,
    [document, references],
  );
  const shown = useMemo(
    () => ({ mode, version, hasFigures, figuresOf, onStored }),
    [mode, version, hasFigures, figuresOf, onStored],
  );
  const [page, setPage] = useState<HTMLElement | null>(null);
  useViewCount(project, report);
  // a workspace that was open before may have switched it off
  useEffect(() => isSynced.set(true), []);
  const { isPrinting, print } = usePrint();
  const imageOf = useCallback((sha256: string) => imageAddress(project, id, sha256), [project, id]);
  const frame = useMemo(
    () => ({ project, page, outline, panelLevels, runOf, storedRunOf, imageOf }),
    [project, page, outline, panelLevels, runOf, storedRunOf, imageOf],
  );
  return (
    <ReportContext value={frame}>
      <CommentsFrame
        project={project}
        report={id}
        audience={number !== null && number === report.published_version ? "readers" : "editors"}
        version={number}
      >
        <FiguresContext value={shown}>
          <main className={`report ${isPrinting ? "printing" : ""}`} aria-label="Report" ref={setPage}>
            <ReportBar
              project={project}
              report={report}
              isPrinting={isPrinting}
              hasFigures={hasParts}
              mode={mode}
              storing={isStoring ? storing : null}
              onPrint={print}
              onVersion={onVersion}
              onPublished={onPublished}
              onFigures={onFigures}
              onEdit={onEdit}
            />
            <ReportText
              document={document}
              head={<ReportHead report={report} document={document} />}
              margin={<CommentsHere report={page} />}
              isWhole={isPrinting || isStoring}
            />
            <PinnedTip />
            <TipLayer />
          </main>
        </FiguresContext>
      </CommentsFrame>
    </ReportContext>
  );
}
