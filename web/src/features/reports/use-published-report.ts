/** A published report for readers without the runs behind it: all that it shows is stored with its version. */

import { useMemo, useState } from "react";
import type { FigureInfo, ReportVersion } from "@/api/reports/figures";
import type { ProjectRef } from "@/api/types";
import { outlineOf, panelLevelsOf } from "@/data/report/outline";
import { readReport } from "@/data/report/read";
import { type FigureMode, type ReportFigures, useFiguresOf } from "./figures/figures-context";
import type { ReportFrame } from "./report-context";
import { useStoredReferences } from "./report-values";

interface PublishedReport {
  /** The project that the page names. */
  readonly project: ProjectRef;
  readonly content: Parameters<typeof readReport>[0];
  /** Null: a draft. Stable. */
  readonly version: ReportVersion | null;
  readonly infos: readonly FigureInfo[];
  readonly audience: "isShared" | "isStatic";
  /** The address of an image of the report by its hash; null: it is not there. Stable. */
  imageOf(sha256: string): string | null;
  readonly mode?: FigureMode;
  /** End of a link that shows the runs, too. */
  readonly link?: string | null;
  /** It shows pages of the runs, too. */
  readonly hasPages?: boolean;
}

export function usePublishedReport(report: PublishedReport) {
  const {
    project,
    content,
    version,
    infos,
    audience,
    imageOf,
    mode = "published",
    link = null,
    hasPages = false,
  } = report;
  const document = useMemo(() => readReport(content), [content]);
  const outline = useMemo(() => outlineOf(document), [document]);
  const panelLevels = useMemo(() => panelLevelsOf(document), [document]);
  const figuresOf = useFiguresOf(infos);
  const runOf = useStoredReferences(document, version, figuresOf);
  const hasFigures = infos.length > 0;
  const figures = useMemo(
    (): ReportFigures => ({
      mode,
      version,
      hasFigures,
      figuresOf,
      onStored: () => undefined,
    }),
    [mode, version, hasFigures, figuresOf],
  );
  const [page, setPage] = useState<HTMLElement | null>(null);
  const frame = useMemo(
    (): ReportFrame => ({
      project,
      page,
      outline,
      panelLevels,
      runOf,
      storedRunOf: runOf,
      imageOf,
      [audience]: true,
      linkOfRuns: link,
      linkOfPages: hasPages ? link : null,
    }),
    [project, page, outline, panelLevels, runOf, imageOf, audience, link, hasPages],
  );
  return { document, figures, frame, setPage };
}
