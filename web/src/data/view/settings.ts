/**
 * The settings of how panels draw, and the cascade: workspace, then section, then panel.
 *
 * Pure. A level holds only what was set there (`Partial`); `settingsOf` in `view.ts` puts them together.
 */

import { CENTERS, CHART_AXES, BANDS as DRAWN_BANDS } from "../lists.gen";

export { CENTERS };

/** The x axis; of `metric` and `expression` it is in `axisBy`. `defined`: the axis of `define_metric`, else steps. */
export const AXES = CHART_AXES;
export type AxisKind = (typeof AXES)[number];

/** Whether the axis is named by `axisBy`. */
export function hasAxisBy(axis: AxisKind): axis is "metric" | "expression" {
  return axis === "metric" || axis === "expression";
}

export const SMOOTHINGS = ["none", "ema", "gaussian", "mean"] as const;
export type SmoothingKind = (typeof SMOOTHINGS)[number];

export interface Smoothing {
  readonly kind: SmoothingKind;
  /** `ema`: the weight, `[0, 1)`, time-weighted. `gaussian`, `mean`: width as a part of the visible range, `(0, 1]`. */
  readonly amount: number;
}

/** `auto`: the minimum to the maximum, fainter the more bands overlap; of groups, the standard error. */
export const BANDS = ["auto", "none", ...DRAWN_BANDS] as const;
export type Band = (typeof BANDS)[number];

export type Whisker = Exclude<Band, "auto">;

/** The whiskers of bars, which have room for all values. */
export function whiskerOf(band: Band): Whisker {
  return band === "auto" ? "minmax" : band;
}

/** Areas below curves: to zero, one on top of the other, or as parts of their sum. */
export const FILLS = ["none", "area", "stacked", "percent"] as const;
export type Fill = (typeof FILLS)[number];
export const SCALES = ["linear", "log", "symlog"] as const;
export type Scale = (typeof SCALES)[number];
export const LEGEND_POSITIONS = ["above", "right", "off"] as const;
export type LegendPosition = (typeof LEGEND_POSITIONS)[number];
export const STROKES = ["solid", "dashed", "dotted"] as const;
export type Stroke = (typeof STROKES)[number];
/** Subjects of a style. */
export const STYLED = ["run", "group", "metric"] as const;

/** Look of the curves of one run, group or metric, where that differs. Its colour belongs to the run. */
export interface LineStyle {
  readonly of: (typeof STYLED)[number];
  /** The run's id, `groupId`, or the name of the metric or expression. */
  readonly id: string;
  /** In place of the name in legends, tooltips and files; null: its own name. */
  readonly name: string | null;
  /** Null: as curves are by themselves. */
  readonly stroke: Stroke | null;
  /** Null: as all. */
  readonly widthPx: number | null;
  /** Dots at its points, where there is room. */
  readonly hasDots: boolean;
}

/** A style in which nothing is set. */
export function newStyle(of: LineStyle["of"], id: string): LineStyle {
  return { of, id, name: null, stroke: null, widthPx: null, hasDots: false };
}

/** An end that is null follows the data. */
export type Ends = readonly [number | null, number | null];

export interface PanelSettings {
  readonly axis: AxisKind;
  /** Of axis `metric` its name, of `expression` its text as the server takes it. */
  readonly axisBy: string | null;
  readonly smoothing: Smoothing;
  /** The raw curve, or the band, stays behind a smoothed one. */
  readonly hasRaw: boolean;
  readonly xScale: Scale;
  readonly yScale: Scale;
  readonly xEnds: Ends;
  readonly yEnds: Ends;
  /** The axis ends where those of the section's other panels with this setting do. */
  readonly hasSharedX: boolean;
  readonly hasSharedY: boolean;
  /** False: the x axis ends where most of the curves shown have ended. */
  readonly hasLongRuns: boolean;
  /** False: the y axis ends at the 5th and 95th percentile of what is shown. */
  readonly hasOutliers: boolean;
  /** Null: as the runs list is grouped. An empty list: not at all. */
  readonly groupBy: readonly string[] | null;
  readonly center: (typeof CENTERS)[number];
  readonly band: Band;
  readonly fill: Fill;
  /** A curve for each writer (`"writer"`) or value of a writer label (`"rank"`); null: a run is one curve. */
  readonly by: string | null;
  /** Dots at the points of all curves, where there is room. */
  readonly hasDots: boolean;
  readonly styles: readonly LineStyle[];
  readonly legend: LegendPosition;
  /** Text of a curve in the legend: `${run.name} ${config.lr}`; null: the run's name. */
  readonly legendText: string | null;
  /** Runs that the tooltip lists, nearest first. */
  readonly tipRows: number;
  /** Marks where values are NaN or infinite. */
  readonly hasNonfinite: boolean;
  /** Curves against the baseline run's: dashed in the chart, deltas in the tooltip. */
  readonly hasBaseline: boolean;
}

export const FIRST_SETTINGS: PanelSettings = {
  axis: "defined",
  axisBy: null,
  smoothing: { kind: "ema", amount: 0 },
  hasRaw: true,
  xScale: "linear",
  yScale: "linear",
  xEnds: [null, null],
  yEnds: [null, null],
  hasSharedX: false,
  hasSharedY: false,
  hasLongRuns: true,
  hasOutliers: true,
  groupBy: null,
  center: "mean",
  band: "auto",
  fill: "none",
  by: null,
  hasDots: false,
  styles: [],
  legend: "above",
  legendText: null,
  tipRows: 7,
  hasNonfinite: true,
  hasBaseline: true,
};

/** Number of settings that a person made: an axis and what it is along are one. */
export function countChanges(own: Partial<PanelSettings>): number {
  return Object.keys(own).filter((key) => key !== "axisBy" || own.axis === undefined).length;
}

/** Settings of several levels as one: later levels win. */
export function cascade(...levels: readonly Partial<PanelSettings>[]): PanelSettings {
  return Object.assign({}, FIRST_SETTINGS, ...levels);
}
