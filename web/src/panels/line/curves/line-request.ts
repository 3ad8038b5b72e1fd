/** The request of a line panel: its settings as one query. Pure. */

import { detailOf, type PanelRequest } from "@/api/metrics/series";
import { bucketsOf, FIXED_PX } from "@/data/curves/buckets";
import type { Panel } from "@/data/view/panel";
import { type AxisKind, type Band, hasAxisBy, type PanelSettings } from "@/data/view/settings";
import type { Range } from "@/data/view/view";
import type { PanelSet } from "../../panel-props";

/** Percentiles at which the y axis ends when outliers are left out. */
const OUTLIERS = { lo: 0.05, hi: 0.95 };
/** The inputs of a panel's request besides its settings. */
export interface RequestContext {
  /** The shown runs' ids, and what they are grouped by. */
  readonly set: Pick<PanelSet, "runIds" | "groupBy" | "baseline">;
  /** Metrics that `panel.pattern` matches. */
  readonly matching: readonly string[];
  /** Texts of expressions known to be invalid: a request with one of them would fail as a whole. */
  readonly wrong: Pick<ReadonlySet<string>, "has">;
  readonly zoom: Range | null;
  /** Of the plot, px. */
  readonly width: number;
}

/** The columns whose values make a curve of each group; null where every run has its own. */
export function groupingOf(settings: PanelSettings, groupBy: readonly string[]): readonly string[] | null {
  const by = settings.groupBy ?? groupBy;
  return by.length === 0 || settings.by !== null || settings.axis === "wall" ? null : by;
}

/** The metrics that a panel draws, patterns included, without those that were switched off. */
function drawnKeys(panel: Panel, matching: readonly string[]): string[] {
  const off = new Set(panel.undrawn);
  return [...new Set([...panel.keys, ...matching])].filter((key) => !off.has(key));
}

/** Ids of the runs to ask for, with the baseline's. */
function requestedRuns(
  settings: PanelSettings,
  asking: RequestContext,
  isGrouped: boolean,
): readonly string[] {
  const { runIds, baseline } = asking.set;
  if (!baseline || !settings.hasBaseline || isGrouped || runIds.includes(baseline.id)) return runIds;
  return [...runIds, baseline.id];
}

/** The request for the ends of smoothed curves: the same for all widths of the window. */
export function endsRequest(request: PanelRequest): PanelRequest {
  const { runs } = request;
  const nRuns = request.group || !Array.isArray(runs) ? 1 : runs.length;
  return { ...request, nBuckets: bucketsOf(FIXED_PX, nRuns), bounds: null, isLogX: false };
}

export function lineRequest(panel: Panel, settings: PanelSettings, asking: RequestContext): PanelRequest {
  const by = groupingOf(settings, asking.set.groupBy);
  const off = new Set(panel.undrawn);
  const runs = requestedRuns(settings, asking, by !== null);
  const nBuckets = bucketsOf(asking.width, by === null ? runs.length : 1);
  return {
    runs,
    keys: drawnKeys(panel, asking.matching),
    expressions: panel.expressions.filter(({ name, text }) => !off.has(name) && !asking.wrong.has(text)),
    baseline: asking.set.baseline?.id ?? null,
    axis: axisOf(settings),
    axisBy: settings.axisBy,
    ...detailOf(asking.zoom, axisOf(settings), nBuckets),
    by: settings.by,
    group: by ? { by, center: settings.center, band: requestedBand(settings.band) } : null,
    isLogX: settings.xScale !== "linear",
    bounds: settings.hasOutliers ? null : OUTLIERS,
  };
}

/** The band of groups; each answer has their extremes, too, so that `auto` can choose. */
function requestedBand(band: Band) {
  if (band === "none") return null;
  return band === "auto" ? "stderr" : band;
}

/** The axis of a panel: one by a metric or an expression that was not chosen yet is by step. */
export function axisOf({ axis, axisBy }: PanelSettings): AxisKind {
  return hasAxisBy(axis) && !axisBy ? "step" : axis;
}
