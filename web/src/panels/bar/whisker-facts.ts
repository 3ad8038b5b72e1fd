/** Whiskers and ranges of bars in the words of tooltips. */

import { formatValue } from "@/data/text/format";
import { BAND_TITLES } from "@/data/view/setting-titles";
import type { Whisker } from "@/data/view/settings";

/** The ends of a bar's whisker, by its name; nothing for a bar without. */
export function whiskerFacts(
  whisker: Whisker,
  low: number | null,
  high: number | null,
): readonly (readonly [string, string])[] {
  return low === null || high === null ? [] : [[BAND_TITLES[whisker], rangeText(low, high)]];
}

export function rangeText(low: number, high: number): string {
  return `${formatValue(low)} – ${formatValue(high)}`;
}
