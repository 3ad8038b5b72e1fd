/**
 * From values to px and back: the plot's frame and its two scales. Pure.
 */

import type { Scale } from "@/data/view/settings";
import type { Range } from "@/data/view/view";

export type { Range };

/** Margins of every chart, px: equal on the left, so that x axes line up down the page. */
export const MARGIN = { left: 44, right: 12, top: 8, bottom: 22 } as const;
/** The upper margin of a chart with flags above it. */
const FLAGGED_TOP = 18;

/** A monotonic map under which an axis is drawn evenly, and its inverse. */
interface Warp {
  to(value: number): number;
  from(even: number): number;
}

/** Decades of a symlog axis between its largest value and where it turns linear. */
const SYMLOG_DECADES = 4;

const LINEAR: Warp = { to: (v) => v, from: (u) => u };
const LOG: Warp = { to: Math.log10, from: (u) => 10 ** u };

/**
 * The map of an axis that shows `range`.
 *
 * Symlog is `sign(v) * log10(1 + |v| / c)`: linear near 0 and logarithmic from `c` on (Webber, 2013).
 */
function warpOf(scale: Scale, range: Range): Warp {
  if (scale === "linear") return LINEAR;
  if (scale === "log") return LOG;
  const c = symlogConstant(range);
  return {
    to: (v) => Math.sign(v) * Math.log10(1 + Math.abs(v) / c),
    from: (u) => Math.sign(u) * c * (10 ** Math.abs(u) - 1),
  };
}

/** Below it a symlog axis is about linear: some decades under the largest value shown. */
export function symlogConstant([lo, hi]: Range): number {
  const size = Math.max(Math.abs(lo), Math.abs(hi));
  return size > 0 ? 10 ** (Math.ceil(Math.log10(size)) - SYMLOG_DECADES) : 1;
}

/** What a frame is made for. */
export interface FrameSpec {
  readonly width: number;
  readonly height: number;
  readonly x: Range;
  readonly y: Range;
  readonly xScale: Scale;
  readonly yScale: Scale;
  readonly hasFlags: boolean;
}

/** A plot's size and ranges, with the maps between values and px of the panel's plot area. */
export interface Frame extends FrameSpec {
  /** Edges of the plot within the margins. */
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly floor: number;
  xPx(value: number): number;
  yPx(value: number): number;
  xAt(px: number): number;
  yAt(px: number): number;
}

export function frameOf(spec: FrameSpec): Frame {
  const { width, height, x, y, xScale, yScale, hasFlags } = spec;
  const left = MARGIN.left;
  const right = width - MARGIN.right;
  const top = hasFlags ? FLAGGED_TOP : MARGIN.top;
  const floor = height - MARGIN.bottom;
  const xWarp = warpOf(xScale, x);
  const yWarp = warpOf(yScale, y);
  const x0 = xWarp.to(x[0]);
  const y0 = yWarp.to(y[0]);
  const perX = (right - left) / (xWarp.to(x[1]) - x0);
  const perY = (floor - top) / (yWarp.to(y[1]) - y0);
  return {
    ...spec,
    left,
    right,
    top,
    floor,
    // what a log axis cannot show lies a little beyond its end
    xPx:
      xScale === "log"
        ? (v) => (v > 0 ? left + (Math.log10(v) - x0) * perX : left - 4)
        : (v) => left + (xWarp.to(v) - x0) * perX,
    yPx:
      yScale === "log"
        ? (v) => (v > 0 ? floor - (Math.log10(v) - y0) * perY : floor + 4)
        : (v) => floor - (yWarp.to(v) - y0) * perY,
    xAt: (px) => xWarp.from(x0 + (px - left) / perX),
    yAt: (px) => yWarp.from(y0 + (floor - px) / perY),
  };
}

/** The range that a chart shows after a drag by `byPx` to the right. */
export function pannedRange(frame: Frame, byPx: number): Range {
  return [frame.xAt(frame.left - byPx), frame.xAt(frame.right - byPx)];
}

/** The range that is `factor` times as wide on the screen, with what lies at `px` staying there. */
export function zoomedRange(frame: Frame, px: number, factor: number): Range {
  return [frame.xAt(px - (px - frame.left) * factor), frame.xAt(px + (frame.right - px) * factor)];
}
