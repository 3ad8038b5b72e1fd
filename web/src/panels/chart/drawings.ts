/**
 * The drawings of a panel of logged charts: the charts of several runs in one drawing, or one drawing for each run.
 * Pure.
 */

import type { MediaItem } from "@/api/files/media";
import type { ChartPreset, TableWindow } from "@/api/files/tables";
import { formatCount } from "@/data/text/format";
import type { MediaGroup } from "../media/grid/media-groups";
import type { PanelRun } from "../panel-props";
import { bestColors, type LineColors, lineField, withLineColors } from "./look";
import {
  type ChartColumns,
  cellName,
  filledPreset,
  presetOf,
  requiredFields,
  type Spec,
  tellsRuns,
} from "./preset";

type Chart = NonNullable<MediaItem["chart"]>;

/** One chart of one run at the panel's step. */
export interface ChartEntry {
  readonly run: PanelRun;
  readonly item: MediaItem;
  readonly chart: Chart;
  /** Of a run that logged a list of charts: which of them. */
  readonly index: number;
  readonly preset: ChartPreset;
}

/** A chart whose preset this server does not have. */
export interface UnknownChart {
  readonly run: PanelRun;
  readonly preset: string;
}

type Row = Readonly<Record<string, unknown>>;

/** The rows of one run in a drawing; `color` and `name` are added when it is drawn. */
interface RunRows {
  readonly run: PanelRun;
  readonly name: string;
  readonly rows: readonly Row[];
}

export interface Drawing {
  readonly id: string;
  /** Its run, where it is of one run only. */
  readonly run: PanelRun | null;
  /** Texts of the chart itself; the specification leaves them to the panel. */
  readonly title: string | null;
  readonly spec: Spec;
  readonly of: readonly RunRows[];
  /** Whether runs have their own colours in it. */
  readonly isByRun: boolean;
}

/** The charts of the runs in order, and those of unknown presets. */
export function chartEntries(groups: readonly MediaGroup[], presets: readonly ChartPreset[]) {
  const entries: ChartEntry[] = [];
  const unknown: UnknownChart[] = [];
  for (const { run, items } of groups)
    items.forEach((item, index) => {
      const { chart } = item;
      if (!chart) return;
      const preset = presetOf(presets, chart.preset);
      if (preset) entries.push({ run, item, chart: withColumns(chart, preset), index, preset });
      else unknown.push({ run, preset: chart.preset });
    });
  return { entries, unknown };
}

/** A chart of `visualize` maps no fields to columns: it takes those that its preset names. */
function withColumns(chart: Chart, preset: ChartPreset): Chart {
  return Object.keys(chart.fields).length > 0 ? chart : { ...chart, fields: preset.default_columns };
}

/** Columns of its table that a chart draws. */
export function drawnColumns({ chart, preset }: ChartEntry): string[] {
  const named = JSON.stringify(preset.spec);
  const fields = Object.entries(chart.fields).filter(([field]) => named.includes(`\${field:${field}}`));
  return [...new Set(fields.map(([, column]) => column))];
}

/** The fields of its preset that a chart has no column for, though it needs one. */
export function lackingFields({ chart, preset }: ChartEntry): string[] {
  return requiredFields(preset.spec).filter((field) => chart.fields[field] === undefined);
}

/** Of all charts of a panel: more marks take a browser seconds to draw. */
const MOST_ROWS = 50_000;
const LEAST_OF_ONE = 1000;

/** Number of rows drawn of each of so many charts. */
function rowsOfEach(nCharts: number): number {
  return Math.max(LEAST_OF_ONE, Math.floor(MOST_ROWS / nCharts));
}

/**
 * @param windows the rows of each entry; null: there are none
 * @param chosen how lines are coloured
 */
export function drawingsOf(
  entries: readonly ChartEntry[],
  windows: readonly (TableWindow | null)[],
  chosen: LineColors | "automatic",
): Drawing[] {
  const drawings = new Map<string, (readonly [ChartEntry, TableWindow])[]>();
  const most = rowsOfEach(entries.length);
  entries.forEach((entry, i) => {
    const window = windows[i];
    if (!window || window.rows.length === 0) return;
    const alone = tellsRuns(entry.preset.spec) ? "" : entry.run.id;
    const id = JSON.stringify([entry.index, entry.preset.name, alone]);
    const list = drawings.get(id);
    if (list) list.push([entry, window]);
    else drawings.set(id, [[entry, window]]);
  });
  return [...drawings].map(([id, parts]) => drawingOf(id, parts, chosen, most));
}

function drawingOf(
  id: string,
  parts: readonly (readonly [ChartEntry, TableWindow])[],
  chosen: LineColors | "automatic",
  most: number,
): Drawing {
  const [{ preset, chart, run }, window] = parts[0]!;
  const of = parts.map(([entry, its]) => ({
    run: entry.run,
    name: entry.run.name,
    rows: rowsOf(entry.chart, its, most),
  }));
  const { title, ...filled } = filledPreset(preset.spec, columnsOf(chart, window), chart.strings);
  const field = lineField(filled);
  const nLines = field === null ? 0 : new Set(of.flatMap(({ rows }) => rows.map((row) => row[field]))).size;
  const colors = chosen === "automatic" ? bestColors(parts.length, nLines) : chosen;
  const isAlone = !tellsRuns(preset.spec);
  return {
    id,
    run: isAlone ? run : null,
    title: typeof title === "string" ? title : null,
    spec: withLineColors(filled, colors, parts.length, nLines),
    of,
    isByRun: !isAlone && (field === null || colors === "run"),
  };
}

/** Number of drawn rows; null: all. */
export function rowsText(windows: readonly (TableWindow | null)[]): string | null {
  const most = rowsOfEach(windows.length);
  let total = 0;
  let drawn = 0;
  for (const window of windows) {
    total += window?.n_rows ?? 0;
    drawn += Math.min(window?.rows.length ?? 0, most);
  }
  return drawn < total ? `first ${formatCount(drawn)} of ${formatCount(total)} rows` : null;
}

/** Common title of all drawings; null: they differ, or have none. */
export function commonTitle(drawings: readonly Drawing[]): string | null {
  const titles = new Set(drawings.map(({ title }) => title));
  return titles.size === 1 ? (drawings[0]?.title ?? null) : null;
}

function columnsOf({ fields }: Chart, { columns }: TableWindow): ChartColumns {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([field, title]) => {
      const column = columns.find((candidate) => candidate.title === title);
      return column ? [[field, column]] : [];
    }),
  );
}

function rowsOf({ fields }: Chart, { columns, rows }: TableWindow, most: number): Row[] {
  const cells = Object.entries(fields).flatMap(([field, title]) => {
    const at = columns.findIndex((column) => column.title === title);
    return at < 0 ? [] : [{ name: cellName(field), at, isNumber: columns[at]!.type === "number" }];
  });
  return rows
    .slice(0, most)
    .map((row) =>
      Object.fromEntries(
        cells.map(({ name, at, isNumber }) => [name, isNumber ? numberOf(row[at]) : row[at]]),
      ),
    );
}

/** Numbers that JSON lacks come as texts. What is not finite has no place in a chart. */
function numberOf(cell: unknown): number | null {
  const number = typeof cell === "string" ? Number(cell) : cell;
  return typeof number === "number" && Number.isFinite(number) ? number : null;
}
