/**
 * The order in which sections and panels appeared since a page was opened: what comes later stands after what is
 * there, so that nothing moves under the pointer while runs log. Pure.
 */

import { SYSTEM_SECTION } from "../metrics/sections";

interface SectionArrival {
  /** 0: there when the page was opened. */
  readonly at: number;
  /** The number of its metrics at that moment. */
  readonly n: number;
}

export interface Arrivals {
  readonly sections: ReadonlyMap<string, SectionArrival>;
  /** By metric with a panel; 0: its panel was there when the page was opened. */
  readonly metrics: ReadonlyMap<string, number>;
  /** Of the newest. */
  readonly last: number;
}

export const NO_ARRIVALS: Arrivals = { sections: new Map(), metrics: new Map(), last: 0 };

/** Whether the panel of a metric is folded, because no run shown has it. */
type IsFolded = (metric: string) => boolean;

/**
 * The arrivals with those of newer panels; the same object without any.
 *
 * @param homes names of metrics by section
 * @param wasFolded of the answer before
 * @param isChosen a person changed which runs are shown, so that panels may take their places by name
 */
export function noteArrivals(
  earlier: Arrivals,
  homes: ReadonlyMap<string, readonly string[]>,
  isFolded: IsFolded,
  wasFolded: IsFolded,
  isChosen = false,
): Arrivals {
  // of a run that has just begun often only its machine was measured
  const isFirst = ![...earlier.sections.keys()].some((name) => name !== SYSTEM_SECTION);
  const before = isFirst ? NO_ARRIVALS : earlier;
  const last = isFirst ? 0 : before.last + 1;
  const sections = new Map(before.sections);
  const metrics = new Map(before.metrics);
  let hasNew = false;
  for (const [name, home] of homes) {
    if (!sections.has(name)) {
      sections.set(name, { at: last, n: home.length });
      hasNew = true;
    }
    for (const metric of home) {
      if (isFolded(metric) || (metrics.has(metric) && (isChosen || !wasFolded(metric)))) continue;
      metrics.set(metric, isChosen ? 0 : last);
      hasNew = true;
    }
  }
  return hasNew ? { sections, metrics, last } : earlier;
}
