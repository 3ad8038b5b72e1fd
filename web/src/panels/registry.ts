/**
 * The kinds of panel: what each needs to begin with, what draws it and what sets it. Their names are in
 * `data/view/panel-kinds.ts`. Only the line panel is in the first load.
 */

import { type ComponentType, createElement, lazy } from "react";
import { makePanel, newPanelId, type ObjectPanel, type Panel } from "@/data/view/panel";
import type { PanelKind } from "@/data/view/panel-kinds";
import { later } from "@/ui/parts/later";
import type { IconName } from "@/ui/signs/icons";
import { LinePanel } from "./line/line-panel";
import type { PanelProps, PanelSettingsProps } from "./panel-props";
import { FIRST_SPEC } from "./vega/options";

function laterPanel(load: () => Promise<ComponentType<PanelProps>>): ComponentType<PanelProps> {
  return later(load, createElement("div", { className: "panel" }));
}

export interface PanelKindEntry {
  /** One line that says what it is for. */
  readonly hint: string;
  readonly icon: IconName;
  /** Metrics that a new one asks for. */
  readonly metrics: "many" | "one" | "none";
  /** Its metrics are objects, and not numbers: those that have such a panel by themselves. */
  readonly objects?: ObjectPanel;
  readonly Panel: ComponentType<PanelProps>;
  /** Null: nothing can be set. */
  readonly Settings: ComponentType<PanelSettingsProps> | null;
  /** Columns that it shows besides metrics: results that were set and not logged, or parameters as well. */
  readonly columns?: "results" | "any";
  /** Settings of a new one, where it has more than its metrics. */
  begin?(keys: readonly string[]): Partial<Panel>;
}

export const PANEL_KINDS: Readonly<Record<PanelKind, PanelKindEntry>> = {
  line: {
    hint: "Metrics and expressions over steps or time",
    icon: "chart",
    metrics: "many",
    Panel: LinePanel,
    Settings: lazy(() => import("./line/settings/line-settings")),
  },
  bar: {
    hint: "One number of a metric or result for each run or group, from zero",
    icon: "bars",
    metrics: "one",
    columns: "results",
    Panel: laterPanel(() => import("./bar/bar-panel").then((file) => file.BarPanel)),
    Settings: lazy(() => import("./bar/bar-settings")),
    begin: () => ({ options: { order: "best" } }),
  },
  scatter: {
    hint: "One column of the runs against another, a third as color",
    icon: "scatter",
    metrics: "one",
    columns: "any",
    Panel: laterPanel(() => import("./scatter/scatter-panel").then((file) => file.ScatterPanel)),
    Settings: lazy(() => import("./scatter/scatter-settings")),
  },
  parallel: {
    hint: "Parameters and results of all runs, with brushes that choose runs",
    icon: "parallel",
    metrics: "one",
    columns: "results",
    Panel: laterPanel(() => import("./parallel/parallel-panel").then((file) => file.ParallelPanel)),
    Settings: lazy(() => import("./parallel/parallel-settings")),
    begin: () => ({ span: 8, height: 300 }),
  },
  importance: {
    hint: "Which parameters a result depends on, and how they go with it",
    icon: "rank",
    metrics: "one",
    columns: "results",
    Panel: laterPanel(() => import("./importance/importance-panel").then((file) => file.ImportancePanel)),
    Settings: lazy(() => import("./importance/importance-settings")),
    begin: () => ({ span: 6 }),
  },
  histogram: {
    hint: "Logged arrays over steps as a heat map, and one step",
    icon: "heat",
    metrics: "one",
    Panel: laterPanel(() => import("./histogram/histogram-panel").then((file) => file.HistogramPanel)),
    Settings: lazy(() => import("./histogram/histogram-settings")),
    objects: "histogram",
    begin: () => ({ span: 8, height: 300 }),
  },
  media: {
    hint: "Images, video, sound, HTML and 3D of the runs at a step",
    icon: "image",
    metrics: "many",
    Panel: laterPanel(() => import("./media/media-panel").then((file) => file.MediaPanel)),
    Settings: lazy(() => import("./media/media-settings")),
    objects: "media",
    begin: () => ({ span: 6, height: 360 }),
  },
  table: {
    hint: "The rows of a table that a run logged, with search and order",
    icon: "table",
    metrics: "one",
    Panel: laterPanel(() => import("./table/table-panel").then((file) => file.TablePanel)),
    Settings: lazy(() => import("./table/table-settings")),
    objects: "table",
    begin: () => ({ span: 8, height: 360 }),
  },
  chart: {
    hint: "A chart that runs logged with weft.plot, of all shown runs",
    icon: "chart",
    metrics: "one",
    Panel: laterPanel(() => import("./chart/chart-panel").then((file) => file.ChartPanel)),
    Settings: lazy(() => import("./chart/chart-settings")),
    objects: "chart",
    begin: () => ({ span: 6, height: 300 }),
  },
  scalar: {
    hint: "The best value of a metric over all shown runs, and whose it is",
    icon: "number",
    metrics: "one",
    Panel: laterPanel(() => import("./scalar/scalar-panel").then((file) => file.ScalarPanel)),
    Settings: lazy(() => import("./scalar/scalar-settings")),
    begin: () => ({ span: 2 }),
  },
  comparer: {
    hint: "What differs between runs, and since the last good one",
    icon: "compare",
    metrics: "none",
    Panel: laterPanel(() => import("./comparer/comparer-panel").then((file) => file.ComparerPanel)),
    Settings: lazy(() => import("./comparer/comparer-settings")),
    begin: () => ({ span: 12, height: 420 }),
  },
  latest: {
    hint: "The last value of metrics as a table of runs",
    icon: "table",
    metrics: "many",
    Panel: laterPanel(() => import("./latest/latest-panel").then((file) => file.LatestPanel)),
    Settings: lazy(() => import("./latest/latest-settings")),
    begin: () => ({ span: 6 }),
  },
  markdown: {
    hint: "Markdown, to say what the charts mean",
    icon: "doc",
    metrics: "none",
    Panel: laterPanel(() => import("./markdown/markdown-panel").then((file) => file.MarkdownPanel)),
    Settings: lazy(() => import("./markdown/markdown-settings")),
  },
  vega: {
    hint: "A chart of your own over runs and curves",
    icon: "code",
    metrics: "none",
    Panel: laterPanel(() => import("./vega/vega-panel").then((file) => file.VegaPanel)),
    Settings: lazy(() => import("./vega/vega-settings")),
    begin: () => ({ span: 6, height: 300, options: { spec: FIRST_SPEC } }),
  },
};

export function newPanel(kind: PanelKind, section: string, keys: readonly string[]): Panel {
  return makePanel(newPanelId(), kind, section, { keys, ...PANEL_KINDS[kind].begin?.(keys) });
}
