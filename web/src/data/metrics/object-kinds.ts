/** Kinds of logged objects, as the server names them, and the panel that each kind has by itself. Pure. */

import { MEDIA_KINDS } from "../lists.gen";
import { inNaturalOrder } from "../text/natural-order";
import type { ObjectPanel } from "../view/panel";

type MediaKind = keyof typeof MEDIA_KINDS;

/** Null: a text, a list or an unknown object. */
export function mediaKind(name: string): (typeof MEDIA_KINDS)[MediaKind] | null {
  return Object.hasOwn(MEDIA_KINDS, name) ? MEDIA_KINDS[name as MediaKind] : null;
}

/** A metric with images, other media, tables or charts. */
export interface MediaMetric {
  readonly name: string;
  readonly icon: (typeof MEDIA_KINDS)[MediaKind]["icon"];
  readonly panel: ObjectPanel;
}

interface ObjectNames {
  readonly objects: readonly string[];
  /** Of each of `objects`. */
  readonly kinds: readonly string[];
  /** Those of `objects` that hold the rows of charts. */
  readonly chart_tables: readonly string[];
}

/** Metrics that the Media tab shows, in the order of people; histograms have charts, and tables of charts their chart. */
export function mediaMetrics({ objects, kinds, chart_tables }: ObjectNames): MediaMetric[] {
  const left = new Set(chart_tables);
  const byName = new Map(
    objects.flatMap((name, i) => {
      const media = mediaKind(kinds[i] ?? "");
      return media && media.panel !== "histogram" && !name.startsWith("_") && !left.has(name)
        ? [[name, { name, icon: media.icon, panel: media.panel }] as const]
        : [];
    }),
  );
  return inNaturalOrder([...byName.keys()]).map((name) => byName.get(name)!);
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
      const media = mediaKind(kinds[i] ?? "");
      return media ? [[metric, media.panel] as const] : [];
    }),
  );
}

/** Media with images first, then video and sound, then all others; each part keeps its order. */
export function imagesFirst(metrics: readonly MediaMetric[]): MediaMetric[] {
  const rank = ({ icon }: MediaMetric) => (icon === "image" ? 0 : icon === "play" ? 1 : 2);
  return [...metrics].sort((a, b) => rank(a) - rank(b));
}
