/**
 * Kinds of logged objects, as the server names them, and the panel that each kind has by itself. Pure.
 */

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

/** Metrics that the Media tab shows, in the order of people; histograms have charts. */
export function mediaMetrics(metrics: readonly string[], kinds: readonly string[]): MediaMetric[] {
  const byName = new Map(
    metrics.flatMap((name, i) => {
      const media = mediaKind(kinds[i] ?? "");
      return media && media.panel !== "histogram" && !name.startsWith("_")
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
