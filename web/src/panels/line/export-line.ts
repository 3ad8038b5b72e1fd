/** Exports of a line panel: a picture as on the screen, or its numbers with all their digits. */

import type { QueryClient } from "@tanstack/react-query";
import { loadSeries, type PanelRequest } from "@/api/metrics/series";
import { noteExport } from "@/api/runs/run-export";
import type { ProjectRef } from "@/api/types";
import { csvOf } from "@/charts/export/csv";
import { type Picture, pngOf, svgOf } from "@/charts/export/picture";
import type { Curve, LineView } from "@/charts/line/curve";
import { fillNoteOf } from "@/charts/line/fill";
import type { LineChart } from "@/charts/line/line";
import { yNoteOf } from "@/charts/line/ranges";
import { seriesName } from "@/data/curves/columns";
import { fileName, saveFile } from "@/ui/browser/save-file";
import type { ExportKind } from "./line-menu";
import { axisTitle } from "./settings/axis-words";
import { smoothingText } from "./settings/smoothing-words";

/** Of a panel that was not drawn yet, px. */
const SIZE = { width: 720, height: 360 };
/** Rows of one curve that a file may have: the most that the server gives of one question. */
const CSV_BUCKETS = 10_000;
/** Of a title that the audit log takes. */
const MOST_TITLE = 512;

export interface LineExport {
  readonly title: string;
  /** The metric of y where the title does not name it; null: it does, or there are several. */
  readonly metric: string | null;
  readonly chart: LineChart | null;
  readonly curves: readonly Curve[];
  readonly view: LineView;
  readonly project: ProjectRef;
  /** Of the panel's queries: a figure as published has its numbers. */
  readonly client: QueryClient;
  readonly request: PanelRequest;
  readonly besideRequest: PanelRequest | null;
}

/** Suffixes of file names. Each kind of CSV has its own, so that one download does not replace the other. */
const ENDS: Readonly<Record<ExportKind, string>> = {
  png: ".png",
  svg: ".svg",
  csv: ".csv",
  sheet: "-for-a-spreadsheet.csv",
};

/** Make the file and let the browser save it. */
export async function exportLine(kind: ExportKind, from: LineExport): Promise<void> {
  const isPicture = kind === "png" || kind === "svg";
  if (!isPicture) {
    const nRuns = new Set(from.curves.map(({ columns }) => columns.run)).size;
    await noteExport(from.project, { kind: "chart", n_runs: nRuns, title: from.title.slice(0, MOST_TITLE) });
  }
  const blob = isPicture ? await pictureFile(kind, from) : await csvFile(from, kind === "sheet");
  saveFile(blob, fileName(from.title) + ENDS[kind]);
}

async function pictureFile(
  kind: "png" | "svg",
  { title, metric, chart, curves, view }: LineExport,
): Promise<Blob> {
  const { width, height } = chart?.frame ?? SIZE;
  const cutNote = view.cutAt === null ? null : "x to the end of most runs";
  const yTitle = metric && `y: ${metric}`;
  const all = [yTitle, fillNoteOf(view.fill), cutNote, yNoteOf(view), smoothingText(view.smoothing)];
  const notes = all.filter((note) => note !== null);
  const picture: Picture = {
    title,
    note: notes.join(", "),
    titleOf: axisTitle,
    curves,
    view,
    width,
    height,
  };
  return kind === "png" ? pngOf(picture) : new Blob([svgOf(picture)], { type: "image/svg+xml" });
}

/** The numbers are asked for again: in full, and in as narrow buckets as there are. */
async function csvFile(
  { curves, project, client, request, besideRequest }: LineExport,
  escapesFormulas: boolean,
): Promise<Blob> {
  const answers = [request, ...(besideRequest ? [besideRequest] : [])].map((panelRequest) =>
    client.fetchQuery({
      queryKey: ["curves for a file", project, panelRequest],
      queryFn: ({ signal }) =>
        loadSeries(project, { ...panelRequest, nBuckets: CSV_BUCKETS, isExact: true }, signal),
      staleTime: 0,
      gcTime: 0,
    }),
  );
  const series = (await Promise.all(answers)).flatMap((answer) => answer.series);
  const exact = new Map(series.map((columns) => [seriesName(columns), columns]));
  const shown = curves.flatMap((curve) => {
    const columns = exact.get(seriesName(curve.columns));
    return columns ? [{ ...curve, columns }] : [];
  });
  return new Blob([csvOf(shown, escapesFormulas)], { type: "text/csv;charset=utf-8" });
}
