/** Plots of a table's columns as Vega-Lite. Pure. */

import type { TableColumn, TableWindow } from "@/api/files/tables";

export const MARKS = { scatter: "Scatter", histogram: "Histogram", bar: "Bars" } as const;
export type Mark = keyof typeof MARKS;

export interface PlotOption {
  readonly mark: Mark;
  /** Names of columns. */
  readonly x: string;
  /** Of bars, the mean of this column; null: the number of rows. A histogram has none. */
  readonly y: string | null;
  readonly color: string | null;
}

export function plotOption(value: unknown): PlotOption | null {
  if (typeof value !== "object" || value === null) return null;
  const { mark, x, y = null, color = null } = value as Partial<Record<string, unknown>>;
  if (typeof mark !== "string" || !(mark in MARKS) || typeof x !== "string") return null;
  const textOf = (name: unknown) => (typeof name === "string" ? name : null);
  return { mark: mark as Mark, x, y: textOf(y), color: textOf(color) };
}

/** The first plot of a table: its first two columns of numbers; of one with runs, in their colours. */
export function firstPlot(columns: readonly TableColumn[], hasRuns: boolean): PlotOption | null {
  const numbers = columns.filter(({ type }) => type === "number").map(({ name }) => name);
  const x = numbers[0] ?? columns[0]?.name;
  if (x === undefined) return null;
  const color = hasRuns ? (columns[0]?.name ?? null) : null;
  if (numbers.length === 0) return { mark: "bar", x, y: null, color };
  return { mark: numbers[1] === undefined ? "histogram" : "scatter", x, y: numbers[1] ?? null, color };
}

const MOST_BINS = 40;

/** Colours of some values, such as those of runs. */
export type ValueColors = ReadonlyMap<string, string>;

export function plotSpec(
  { mark, x, y, color }: PlotOption,
  columns: readonly TableColumn[],
  colors: ValueColors,
): Record<string, unknown> {
  const typeOf = (name: string) =>
    ({ number: "quantitative", timestamp: "temporal" })[
      columns.find((column) => column.name === name)?.type ?? ""
    ] ?? "nominal";
  const titleOf = (name: string) => columns.find((column) => column.name === name)?.title ?? name;
  // names of columns may have dots and brackets, which are paths in Vega-Lite
  const channel = (field: string, name: string) => ({ field, type: typeOf(name), title: titleOf(name) });
  const count = { aggregate: "count", title: "rows" };
  const xChannel = channel("x", x);
  const zero = { scale: { zero: false } };
  const shapes = {
    scatter: {
      mark: { type: "point", filled: true, opacity: 0.6, tooltip: true },
      x: { ...xChannel, ...(xChannel.type === "quantitative" ? zero : {}) },
      y: y === null ? count : { ...channel("y", y), ...(typeOf(y) === "quantitative" ? zero : {}) },
    },
    histogram: {
      mark: { type: "bar", tooltip: true },
      x: xChannel.type === "quantitative" ? { ...xChannel, bin: { maxbins: MOST_BINS } } : xChannel,
      y: count,
    },
    bar: {
      mark: { type: "bar", tooltip: true },
      x: { ...xChannel, ...(xChannel.type === "quantitative" ? { bin: { maxbins: MOST_BINS } } : {}) },
      y: y === null ? count : { ...channel("y", y), aggregate: "mean", title: `mean of ${titleOf(y)}` },
    },
  };
  const { mark: shape, ...encoding } = shapes[mark];
  // means of several colours are next to each other, and not on top of each other
  const isMean = mark === "bar" && y !== null && color !== null;
  return {
    data: { name: "rows" },
    width: "container",
    height: "container",
    mark: shape,
    encoding: {
      ...encoding,
      ...(isMean && { xOffset: { field: "color" } }),
      ...(color !== null && { color: { ...channel("color", color), ...colorScale(colors) } }),
    },
  };
}

function colorScale(colors: ValueColors) {
  return colors.size > 0 ? { scale: { domain: [...colors.keys()], range: [...colors.values()] } } : {};
}

/** Rows as the specification names them. */
export function plotRows({ columns, rows }: TableWindow, { x, y, color }: PlotOption): object[] {
  const index = (name: string | null) => columns.findIndex((column) => column.name === name);
  const [atX, atY, atColor] = [index(x), index(y), index(color)];
  return rows.map((row) => ({ x: plain(row[atX]), y: plain(row[atY]), color: plain(row[atColor]) }));
}

/** NaN and infinities come as texts, and have no place in a plot. */
function plain(cell: unknown): unknown {
  return cell === "NaN" || cell === "Infinity" || cell === "-Infinity" ? null : (cell ?? null);
}
