/**
 * The look of lines and bands: widths, alphas, dashes. The same on screen and in exported pictures.
 */

import type { Dash } from "../../raster/raster";
import { repeatsHues, token } from "../../tokens";
import type { BuiltLine } from "../built-line";
import type { LineView } from "../curve";
import { isStacked } from "../fill";

export const LINE_WIDTH = 1.5;
export const HIGHLIGHT_WIDTH = 2.4;
export const GHOST_ALPHA = 0.24;
/** A band of the highlighted curve is so much stronger. */
export const HIGHLIGHT_BAND = 1.35;
/** Bands of more curves than this are painted at half strength, of three times as many at a quarter. */
const FEW_LINES = 6;
export const MANY_LINES = 18;
/** A spike is one px wide: so many times the band's alpha makes it as plain as the band. */
const SPIKE_STRENGTH = 6;
/** For areas next to each other. */
const STACK_ALPHA = 0.5;
/** However many curves there are, a spike is seen. */
const SPIKE_LEAST = 0.5;

/** A dot is so much wider than its line, px. */
const DOT_OVER = 2.9;
/** Px of x for each dot: with less they would be one thick line. */
const DOT_ROOM = 8;

const BASELINE: Dash = [5, 3.5];
const DASHED: Dash = [6, 3];
const DOTTED: Dash = [1.5, 2.5];

type Stroked = Pick<BuiltLine, "isBaseline" | "stroke" | "color" | "widthPx">;

/** Dashes of a curve; null: none. A thicker curve has longer ones. */
export function dashOf(line: Stroked): Dash | null {
  const dash = usualDash(line);
  const times = Math.max(1, widthOf(line) / LINE_WIDTH);
  return dash && [dash[0] * times, dash[1] * times];
}

function usualDash({ isBaseline, stroke, color }: Stroked): Dash | null {
  if (stroke !== null) return stroke === "solid" ? null : stroke === "dashed" ? DASHED : DOTTED;
  if (isBaseline) return BASELINE;
  return repeatsHues() && color > 8 ? DOTTED : null;
}

/** Of a curve's stroke, px. `usual` is that of curves without a width of their own. */
export function widthOf({ widthPx }: Pick<BuiltLine, "widthPx">, usual = LINE_WIDTH): number {
  return widthPx === null ? usual : usual + widthPx - LINE_WIDTH;
}

/** Across a dot of a curve that is so wide, px. */
export function dotSize(width: number): number {
  return width + DOT_OVER;
}

/** Whether `n` points in a plot of `wide` px are far enough from each other for a dot each. */
export function haveRoom(n: number, wide: number): boolean {
  return n * DOT_ROOM <= wide;
}

/** The common look of all curves of a chart. */
export interface LinesLook {
  readonly hasBands: boolean;
  readonly hasRaw: boolean;
  readonly areaAlpha: number;
}

export function linesLook({ band, hasRaw, fill }: LineView, count: number): LinesLook {
  return { hasBands: band !== "none", hasRaw, areaAlpha: isStacked(fill) ? STACK_ALPHA : bandAlpha(count) };
}

/** Alpha of bands where `count` curves have one. */
export function bandAlpha(count: number): number {
  const alpha = Number(token("band"));
  return count > MANY_LINES ? alpha / 4 : count > FEW_LINES ? alpha / 2 : alpha;
}

export function spikeAlpha(band: number): number {
  return Math.max(SPIKE_LEAST, Math.min(1, band * SPIKE_STRENGTH));
}
