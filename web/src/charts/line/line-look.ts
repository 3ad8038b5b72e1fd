/**
 * How lines and bands look: widths, alphas, dashes. The same on screen and in exported pictures.
 */

import type { Dash } from "../raster/raster";
import { repeatsHues, token } from "../tokens";
import type { BuiltLine } from "./line-build";

export const LINE_WIDTH = 1.5;
export const LIT_WIDTH = 2.4;
export const GHOST_ALPHA = 0.24;
/** A band of the lit curve is so much stronger. */
export const LIT_BAND = 1.35;
/** Bands of more curves than this are painted at half strength, of three times as many at a quarter. */
const FEW_LINES = 6;
export const MANY_LINES = 18;
/** A spike is one px wide: so many times the band's alpha makes it as plain as the band. */
const SPIKE_STRENGTH = 6;
/** However many curves there are, a spike is seen. */
const SPIKE_LEAST = 0.5;

const BASELINE: Dash = [5, 3.5];
const DASHED: Dash = [6, 3];
const DOTTED: Dash = [1.5, 2.5];

/** Dashes of a curve; null: none. */
export function dashOf({
  isBaseline,
  stroke,
  color,
}: Pick<BuiltLine, "isBaseline" | "stroke" | "color">): Dash | null {
  if (isBaseline) return BASELINE;
  if (stroke === "dashed") return DASHED;
  return stroke === "dotted" || (repeatsHues() && color > 8) ? DOTTED : null;
}

/** Alpha of bands where `count` curves have one. */
export function bandAlpha(count: number): number {
  const alpha = Number(token("band"));
  return count > MANY_LINES ? alpha / 4 : count > FEW_LINES ? alpha / 2 : alpha;
}

export function spikeAlpha(band: number): number {
  return Math.max(SPIKE_LEAST, Math.min(1, band * SPIKE_STRENGTH));
}
