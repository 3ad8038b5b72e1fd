/** The look of lines and bands: widths, alphas, dashes. The same on screen and in exported pictures. */

import { RUN_COLORS } from "@/data/runs/color";
import type { Dash } from "../../raster/raster";
import { repeatsHues, token } from "../../tokens";
import type { BuiltLine } from "../built-line";
import type { LineView } from "../curve";
import { isStacked } from "../fill";
import type { BuiltChart } from "../line-build";
import { isOfGroup } from "../ranges";

export const LINE_WIDTH = 1.5;
export const HIGHLIGHT_WIDTH = 2.4;
export const GHOST_ALPHA = 0.24;
/** Bands that were chosen, and areas, of more curves than this are painted at half strength, of three times as many at a quarter. */
const FEW_LINES = 6;
const MANY_LINES = 18;
/** A spike is one px wide: so many times the band's alpha makes it as plain as the band. */
const SPIKE_STRENGTH = 6;
/** For areas next to each other. */
const STACK_ALPHA = 0.5;
/** However many curves there are, a spike of a run is seen. */
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
  return color > RUN_COLORS || (repeatsHues() && color > 8) ? DOTTED : null;
}

/** Of a curve's stroke, px. `usual` is for curves without a width of their own. */
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
  /** 0: no bands. */
  readonly bandAlpha: number;
  /** Of the band of a single curve. */
  readonly fullAlpha: number;
  readonly hasRaw: boolean;
  readonly areaAlpha: number;
}

export function linesLook(
  { band, hasRaw, fill }: LineView,
  { lines, bandStrength }: Pick<BuiltChart, "lines" | "bandStrength">,
): LinesLook {
  const plain = alphaOf(lines.length);
  const bandAlpha = band === "none" ? 0 : band === "auto" ? alphaOf(1) * bandStrength : plain;
  return {
    bandAlpha,
    fullAlpha: alphaOf(1),
    hasRaw,
    areaAlpha: areaAlphaOf(fill, lines.length),
  };
}

/**
 * The look of a highlighted curve of a chart: wider, and with its band, however faint the bands of all are.
 * It follows the pointer, so it does not measure how much the bands of all lie over each other.
 */
export function highlightLook({ band, hasRaw, fill }: LineView, { lines, isDense }: BuiltChart): CurveLook {
  return {
    width: HIGHLIGHT_WIDTH,
    bandAlpha: band === "none" ? 0 : alphaOf(1),
    fullAlpha: alphaOf(1),
    hasRaw,
    areaAlpha: isDense ? 0 : areaAlphaOf(fill, lines.length),
  };
}

export interface CurveLook extends LinesLook {
  /** Of curves without a width of their own, px. */
  readonly width: number;
}

function areaAlphaOf(fill: LineView["fill"], count: number): number {
  return isStacked(fill) ? STACK_ALPHA : alphaOf(count);
}

/** Alpha of bands and areas of `count` curves. */
function alphaOf(count: number): number {
  const alpha = Number(token("band"));
  return count > MANY_LINES ? alpha / 4 : count > FEW_LINES ? alpha / 2 : alpha;
}

/** Whether a smoothed curve has its raw one behind it: the band shows the same, where there is one. */
export function isGhosted({ drawn, mean, hasBand }: BuiltLine, { hasRaw, bandAlpha }: LinesLook): boolean {
  return drawn !== mean && hasRaw && !(hasBand && bandAlpha > 0);
}

/**
 * Alpha of a line's spikes over its band. A spike of a run is its own point. One of a group is a point of one of its
 * runs, far from the mean: it fills up what the band there lacks of its usual strength, and is never taken for the line.
 */
export function spikeAlpha(
  line: Pick<BuiltLine, "run" | "lo" | "least">,
  { bandAlpha, fullAlpha }: Pick<LinesLook, "bandAlpha" | "fullAlpha">,
): number {
  if (!isOfGroup(line)) return Math.max(SPIKE_LEAST, Math.min(1, bandAlpha * SPIKE_STRENGTH));
  const isInBand = line.lo === line.least;
  return Math.max(0, fullAlpha - (isInBand ? bandAlpha : 0));
}
