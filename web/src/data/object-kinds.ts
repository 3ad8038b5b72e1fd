/**
 * Kinds of logged objects, as the server names them, and the panel that each kind has by itself. Pure.
 */

import { inNaturalOrder } from "./natural-order";
import type { ObjectPanel } from "./view/panel";

const PANEL_OF: Readonly<Record<string, ObjectPanel>> = {
  histogram: "histogram",
  image: "media",
  video: "media",
  audio: "media",
  html: "media",
  object3d: "media",
  molecule: "media",
  plotly: "media",
  bokeh: "media",
  table: "table",
  graph: "media",
  chart: "chart",
};

/** A metric with images, other media, tables or charts. */
export interface MediaMetric {
  readonly name: string;
  /** As the server names it: image, table, … */
  readonly kind: string;
  readonly panel: ObjectPanel;
}

/** Metrics that the Media tab shows, in the order of people; histograms have charts. */
export function mediaMetrics(metrics: readonly string[], kinds: readonly string[]): MediaMetric[] {
  const found = new Map(
    metrics.flatMap((name, i) => {
      const kind = kinds[i] ?? "";
      const panel = PANEL_OF[kind];
      return panel && panel !== "histogram" && !name.startsWith("_")
        ? [[name, { name, kind, panel }] as const]
        : [];
    }),
  );
  return inNaturalOrder([...found.keys()]).map((name) => found.get(name)!);
}

/**
 * The panels of metrics without numbers; those of other kinds have none.
 *
 * @param kinds of each of the metrics
 */
export function objectPanels(
  metrics: readonly string[],
  kinds: readonly string[],
): ReadonlyMap<string, ObjectPanel> {
  return new Map(
    metrics.flatMap((metric, i) => {
      const panel = PANEL_OF[kinds[i] ?? ""];
      return panel ? [[metric, panel] as const] : [];
    }),
  );
}
