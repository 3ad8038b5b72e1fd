/**
 * Kinds of logged objects, as the server names them, and the panel that each kind has by itself. Pure.
 */

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
