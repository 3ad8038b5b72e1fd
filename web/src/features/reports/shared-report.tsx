/** A report, or one of its panels, for everyone who has a link to it: what was published, with its stored figures. */

import { useQuery } from "@tanstack/react-query";
import { useLocation, useNavigate } from "@tanstack/react-router";
import { useCallback, useEffect, useMemo } from "react";
import { sharedRef } from "@/api/client";
import { sharedImageAddress } from "@/api/reports/images";
import { SHOWN_PROJECT, type SharedReport, sharedReportQuery } from "@/api/shares";
import type { Schemas } from "@/api/types";
import { isSynced } from "@/charts/shared-state";
import type { Grid, ReportDocument } from "@/data/report/document";
import { drawsRuns } from "@/data/report/grid";
import { gridsOf } from "@/data/report/outline";
import { formatDay } from "@/data/text/format";
import { PinnedTip } from "@/panels/plot/pinned-tip";
import { TipLayer } from "@/panels/plot/tip-layer";
import { Button } from "@/ui/controls/button";
import { SegmentedControl } from "@/ui/controls/segmented-control";
import { PageFault } from "@/ui/signs/fault";
import { SkeletonRows } from "@/ui/signs/skeleton";
import { FIGURE_MODES, type FigureMode, FiguresContext } from "./figures/figures-context";
import { GridBlock } from "./grid/grid-block";
import { ReportContext } from "./report-context";
import { ReportHead } from "./report-head";
import { reportTitle } from "./report-state";
import { ReportText } from "./report-text";
import { usePrint } from "./use-print";
import { usePublishedReport } from "./use-published-report";
import "./report.css";
import "./shared-report.css";

interface SharedReportPageProps {
  /** The end of the link: id and code. */
  readonly link: string;
  readonly shared: Schemas["SharedSet"];
  /** Id of the only panel to show; null: the report. */
  readonly panel: string | null;
}

export function SharedReportPage({ link, shared, panel }: SharedReportPageProps) {
  const { data, error, refetch } = useQuery(sharedReportQuery(link));
  const title = reportTitle({ title: shared.name });
  useEffect(() => {
    document.title = `${title} · weft`;
  }, [title]);
  if (error && !data)
    return <PageFault title="The report could not be read" error={error} onRetry={refetch} />;
  if (!data) return <SkeletonRows n={10} label="Loading the report" />;
  return <Reader link={link} shared={shared} report={data} panel={panel} />;
}

interface ReaderProps extends SharedReportPageProps {
  readonly report: SharedReport;
}

function Reader({ link, shared, report, panel }: ReaderProps) {
  const { version: number, figures: infos, published_micros: published, document: content } = report;
  const version = useMemo(() => ({ project: sharedRef(link), report: "", version: number }), [link, number]);
  const hasRuns = shared.shows_runs === true;
  // a report that a script published has no figures
  const [mode, setMode] = useMode(hasRuns && infos.length === 0 ? "now" : "published");
  const imageOf = useCallback((sha256: string) => sharedImageAddress(link, sha256), [link]);
  const shown = usePublishedReport({
    project: SHOWN_PROJECT,
    content,
    version,
    infos,
    audience: "isShared",
    imageOf,
    mode,
    link: hasRuns ? link : null,
    hasPages: shared.shows_pages === true,
  });
  const { document, figures, frame, setPage } = shown;
  const { isPrinting, print } = usePrint();
  useEffect(() => isSynced.set(true), []);
  const only = useMemo(() => (panel === null ? null : gridWithPanel(document, panel)), [document, panel]);
  const head = {
    version: number,
    author: null,
    published_version: number,
    published_micros: published,
    edited_micros: published,
  };
  return (
    <ReportContext value={frame}>
      <FiguresContext value={figures}>
        <main
          className={`report shared ${isPrinting ? "printing" : ""} ${panel === null ? "" : "of-panel"}`}
          aria-label="Report"
          ref={setPage}
        >
          {panel === null ? (
            <>
              <div className="report-bar">
                <span className="muted ell">
                  {mode === "now" ? "The runs as they are now; text of" : "As published"}{" "}
                  {formatDay(published)}
                  {shared.expires_micros !== null && <>; the link ends {formatDay(shared.expires_micros)}</>}
                </span>
                <span className="grow" />
                {hasRuns && gridsOf(document).some(drawsRuns) && (
                  <SegmentedControl
                    label="State of the runs"
                    value={mode}
                    options={FIGURE_MODES}
                    onChange={setMode}
                  />
                )}
                <Button icon="download" isSmall aria-label="Print" disabled={isPrinting} onClick={print}>
                  <span className="wide-only">Print</span>
                </Button>
                <a className="brand" href="/docs/sharing" target="_blank" rel="noreferrer">
                  weft
                </a>
              </div>
              <ReportText
                document={document}
                head={<ReportHead report={head} document={document} />}
                isWhole={isPrinting}
              />
            </>
          ) : only ? (
            <GridBlock id={only.id} grid={only.grid} />
          ) : (
            <p className="muted">The report has no such panel.</p>
          )}
          <PinnedTip />
          <TipLayer />
        </main>
      </FiguresContext>
    </ReportContext>
  );
}

/** The state of the runs, in the page's address: a reader comes back to it from the page of a run. */
function useMode(usual: FigureMode): [FigureMode, (mode: FigureMode) => void] {
  const chosen = useLocation({
    select: ({ searchStr }) => new URLSearchParams(searchStr).get("runs"),
  });
  const navigate = useNavigate();
  const setMode = (mode: FigureMode) =>
    void navigate({
      to: ".",
      search: ((before: object) => ({ ...before, runs: mode === usual ? undefined : mode })) as never,
      replace: true,
    });
  const mode = FIGURE_MODES.find(({ value }) => value === chosen)?.value ?? usual;
  return [mode, setMode];
}

/** Around the panel: its grid's padding, and the line with the moment. */
const AROUND_PX = 64;
const LEAST_PX = 200;

/** The grid of a panel with that panel alone, as high as the window; null: no grid has it. */
function gridWithPanel(document: ReportDocument, id: string): { id: string; grid: Grid } | null {
  for (const grid of gridsOf(document)) {
    const panel = grid.panels.find((each) => each.id === id);
    if (!panel) continue;
    const height = Math.max(LEAST_PX, window.innerHeight - AROUND_PX);
    return { id: grid.id, grid: { ...grid, panels: [{ ...panel, span: 12, height }] } };
  }
  return null;
}
