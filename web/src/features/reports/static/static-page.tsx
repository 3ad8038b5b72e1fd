/** The page of a static file: a published report as its readers saw it, without a server. */

import { type ReactNode, useCallback, useMemo } from "react";
import type { Report } from "@/api/reports/reports";
import type { ProjectRef } from "@/api/types";
import { formatDay } from "@/data/text/format";
import { PinnedTip } from "@/panels/plot/pinned-tip";
import { TipLayer } from "@/panels/plot/tip-layer";
import { Button } from "@/ui/controls/button";
import { FiguresContext } from "../figures/figures-context";
import { ReportContext } from "../report-context";
import { ReportHead } from "../report-head";
import { ReportText } from "../report-text";
import { usePrint } from "../use-print";
import { usePublishedReport } from "../use-published-report";
import "../report.css";

interface StaticPageProps {
  readonly project: ProjectRef;
  readonly report: Report;
  /** Addresses that hold an image, by the hashes and addresses of the report. */
  readonly images: Readonly<Record<string, string>>;
  readonly savedMicros: number;
  /** At the end of the bar. */
  readonly tools: ReactNode;
}

export function StaticPage({ project, report, images, savedMicros, tools }: StaticPageProps) {
  const { id, version: number, figures: infos } = report;
  const version = useMemo(
    () => (number === null ? null : { project, report: id, version: number }),
    [project, id, number],
  );
  const content = report.document;
  const imageOf = useCallback((sha256: string) => images[sha256] ?? null, [images]);
  const published = usePublishedReport({ project, content, version, infos, audience: "isStatic", imageOf });
  const { document, figures, setPage } = published;
  const frame = useMemo(() => ({ ...published.frame, images }), [published.frame, images]);
  const { isPrinting, print } = usePrint();
  return (
    <ReportContext value={frame}>
      <FiguresContext value={figures}>
        <main className={`report static ${isPrinting ? "printing" : ""}`} aria-label="Report" ref={setPage}>
          <div className="report-bar">
            <span className="flag neu">File</span>
            <span className="muted ell">
              {number === null ? "A draft" : `Version ${number}`}, saved {formatDay(savedMicros)} by weft
            </span>
            <span className="grow" />
            <Button icon="download" isSmall disabled={isPrinting} onClick={print}>
              <span className="wide-only">Print</span>
            </Button>
            {tools}
          </div>
          <ReportText
            document={document}
            head={<ReportHead report={report} document={document} />}
            isWhole={isPrinting}
          />
          <PinnedTip />
          <TipLayer />
        </main>
      </FiguresContext>
    </ReportContext>
  );
}
