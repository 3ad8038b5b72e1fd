/** From values to px and back: the plot's frame and its two scales. Pure. */

import type { Scale } from "@/data/view/settings";
import type { Range } from "@/data/view/view";

export type { Range };

/** Margins of every chart, px: equal, so that x axes line up over the page; the last label has room at the right. */
export const MARGIN = { left: 44, right: 20, top: 8, bottom: 22 } as const;
/** The upper margin of a chart with flags above it. */
const FLAGGED_TOP = 18;
/** Of the row for marks of NaN between the x axis and its labels. */
const NONFINITE_PX = 14;

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

/**
 * Below it a symlog axis is about linear: some decades under the largest value shown.
 *
 * It follows that value without steps: with whole decades the axis would jump while it is zoomed or moved.
 */
export function symlogConstant([lo, hi]: Range): number {
  const size = sizeOf([lo, hi]);
  return size > 0 ? size / 10 ** SYMLOG_DECADES : 1;
}

function sizeOf([lo, hi]: Range): number {
  return Math.max(Math.abs(lo), Math.abs(hi));
}

/** Inputs of a frame. */
export interface FrameSpec {
  readonly width: number;
  readonly height: number;
  readonly x: Range;
  readonly y: Range;
  readonly xScale: Scale;
  readonly yScale: Scale;
  readonly hasFlags: boolean;
  /** Marks of NaN have a row of their own between the axis and its labels. */
  readonly hasNonfinite: boolean;
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
  const { width, height, x, y, xScale, yScale, hasFlags, hasNonfinite } = spec;
  const left = MARGIN.left;
  const right = width - MARGIN.right;
  const top = hasFlags ? FLAGGED_TOP : MARGIN.top;
  const floor = height - MARGIN.bottom - (hasNonfinite ? NONFINITE_PX : 0);
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

/**
 * The range that a chart shows after a move by `byPx` to the right.
 *
 * @param px where a drag began: the value there stays under the pointer. Without it, or where the pointer has left
 *   the plot, what was `byPx` beyond an edge comes to lie at it.
 */
export function pannedRange(frame: Frame, byPx: number, px = Number.NaN): Range {
  const { left, right } = frame;
  const to = px + byPx;
  if (to >= left && to <= right) return heldRange(frame, px, to, 1);
  return byPx > 0 ? heldRange(frame, left - byPx, left, 1) : heldRange(frame, right - byPx, right, 1);
}

/** The range that is `factor` times as wide on the screen, with what lies at `px` staying there. */
export function zoomedRange(frame: Frame, px: number, factor: number): Range {
  return heldRange(frame, px, px, factor);
}

/** The range that is `factor` times as wide on the screen, with what lies at `px` coming to lie at `toPx`. */
function heldRange(frame: Frame, px: number, toPx: number, factor: number): Range {
  if (frame.xScale === "symlog") return heldSymlogRange(frame, frame.xAt(px), toPx, factor);
  const { left, right } = frame;
  return [frame.xAt(px - (toPx - left) * factor), frame.xAt(px + (right - toPx) * factor)];
}

/** Parts of the plot's width that are kept free next to a held value, as at an edge there is nothing to solve for. */
const EDGE_PART = 1e-6;
const MAX_EXPONENT = 300;
/** One zoom of a range around 0 makes it smaller by no more. */
const DECADES_CLOSER = 20;
/** Halvings after which a float64 no longer changes. */
const HALVINGS = 60;

/**
 * As `heldRange`. The map of a symlog axis depends on its range, so the range is solved for: of those whose own
 * map has `value` at `toPx` there is one for each largest value, and the wider it is, the larger that is.
 */
function heldSymlogRange({ x, left, right }: Frame, value: number, toPx: number, factor: number): Range {
  const { to } = warpOf("symlog", x);
  const targetSize = (to(x[1]) - to(x[0])) * factor;
  const part = Math.max(EDGE_PART, Math.min(1 - EDGE_PART, (toPx - left) / (right - left)));
  const rangeOf = (exponent: number) => symlogRangeOf(10 ** exponent, value, part);
  const isWide = (exponent: number) => {
    const [lo, hi] = rangeOf(exponent);
    return to(hi) - to(lo) >= targetSize;
  };
  const now = Math.log10(sizeOf(x));
  let small = value === 0 ? now - DECADES_CLOSER : Math.log10(Math.abs(value));
  let large = Math.max(now, small);
  while (!isWide(large) && large < MAX_EXPONENT) large += 1;
  for (let i = 0; i < HALVINGS; i++) {
    const middle = (small + large) / 2;
    if (isWide(middle)) large = middle;
    else small = middle;
  }
  return rangeOf(large);
}

/** The range with the largest absolute value `size` in whose own symlog map `value` lies at `part` of the width. */
function symlogRangeOf(size: number, value: number, part: number): Range {
  const { to, from } = warpOf("symlog", [-size, size]);
  const end = to(size);
  const at = to(value);
  // as wide as neither of its ends lies beyond `size`
  const width = Math.min((end + at) / part, (end - at) / (1 - part));
  return [from(at - part * width), from(at + (1 - part) * width)];
}
