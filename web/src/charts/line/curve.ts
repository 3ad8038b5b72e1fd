/**
 * The input of a line chart: curves, and how to draw them.
 *
 * Step of the data's way: made by `panels/line/` from `data/curves/columns.ts`, read by all of `charts/line/`.
 */

import type { SeriesColumns } from "@/data/curves/columns";
import type { RunEvent } from "@/data/runs/events";
import type { Mark } from "@/data/view/panel";
import { FIRST_SETTINGS, type PanelSettings, type Stroke } from "@/data/view/settings";
import type { Range } from "../axis/scale";

/** One drawn line: a run, a group, or a writer of a run. */
export interface Curve {
  /** One of the panel's, and the same with every new answer. */
  readonly id: string;
  /** Id of its highlight in lists, legends and charts: the run's id, or `groupId`. */
  readonly highlightId: string;
  readonly name: string;
  /** 1 … 12. */
  readonly color: number;
  /** Null: the baseline's is dashed, others are solid, dotted where their hue repeats. */
  readonly stroke: Stroke | null;
  /** Of its stroke; null: as all. */
  readonly widthPx: number | null;
  /** Dots at its points, where there is room. */
  readonly hasDots: boolean;
  /** Still being written: it ends in a dot. */
  readonly isLive: boolean;
  /** Other curves with the same `columns.key` are compared with it. */
  readonly isBaseline: boolean;
  readonly columns: SeriesColumns;
}

/**
 * The panel's wishes for its curves: its settings, and what else it shows. Ends and zoom are in the units of x and
 * y.
 */
export interface LineView
  extends Pick<
    PanelSettings,
    | "axis"
    | "axisBy"
    | "smoothing"
    | "hasRaw"
    | "xScale"
    | "yScale"
    | "xEnds"
    | "yEnds"
    | "band"
    | "fill"
    | "tipRows"
    | "hasNonfinite"
  > {
  /** Steps, seconds (`time`: since the start, `wall`: since 1970) or the metric's unit; null shows all. */
  readonly zoom: Range | null;
  /** Where x ends without a zoom, as longer runs are cut off; null: at the data's end. */
  readonly cutAt: number | null;
  /** Where y ends because of outliers, as the server says; null: at the data's ends. */
  readonly bounds: Range | null;
  /** The ranges of several charts together, without ends that were set; null: this one's own. */
  readonly sharedX: Range | null;
  readonly sharedY: Range | null;
  /** Marks where curves leave the y range. */
  readonly hasClips: boolean;
  readonly marks: readonly Mark[];
  /** Alerts, gaps, resumptions and failures of the drawn runs. */
  readonly events: readonly RunEvent[];
}

/** A curve as its run's line in a panel of one metric; what differs over it. */
export function curveOf(
  columns: SeriesColumns,
  part: Pick<Curve, "id" | "name" | "color"> & Partial<Curve>,
): Curve {
  const usual = { stroke: null, widthPx: null, hasDots: false, isLive: false, isBaseline: false };
  return { highlightId: part.id, ...usual, ...part, columns };
}

export const FIRST_LINE_VIEW: LineView = {
  ...FIRST_SETTINGS,
  zoom: null,
  cutAt: null,
  bounds: null,
  sharedX: null,
  sharedY: null,
  hasClips: true,
  marks: [],
  events: [],
};

/** Whether two views differ at most in ranges that other charts have changed. */
export function isSameButShared(a: LineView, b: LineView): boolean {
  if (a === b) return true;
  const keys = Object.keys(b) as (keyof LineView)[];
  return keys.every((key) => key === "sharedX" || key === "sharedY" || Object.is(a[key], b[key]));
}
