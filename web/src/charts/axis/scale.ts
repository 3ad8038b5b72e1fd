/**
 * From values to px: the plot's frame and its two scales. Pure.
 */

/** Margins of every chart, px: equal on the left, so that x axes line up down the page. */
export const MARGIN = { left: 44, right: 12, top: 8, bottom: 22 } as const;

/** A half-open range of values, or of px. */
export type Range = readonly [number, number];

/** A plot's size and ranges, with the maps between values and px. */
export interface Frame {
  readonly width: number;
  readonly height: number;
  readonly x: Range;
  readonly y: Range;
  readonly isLog: boolean;
  /** Px from the left edge of the panel's plot area. */
  xPx(value: number): number;
  yPx(value: number): number;
  xAt(px: number): number;
}

/** The frame for a canvas of `width` × `height` px. */
export function frameOf(width: number, height: number, x: Range, y: Range, isLog: boolean): Frame {
  const plotWidth = width - MARGIN.left - MARGIN.right;
  const plotHeight = height - MARGIN.top - MARGIN.bottom;
  const xScale = plotWidth / (x[1] - x[0]);
  const low = isLog ? Math.log10(y[0]) : y[0];
  const high = isLog ? Math.log10(y[1]) : y[1];
  const yScale = plotHeight / (high - low);
  const floor = height - MARGIN.bottom;
  return {
    width,
    height,
    x,
    y,
    isLog,
    xPx: (v) => MARGIN.left + (v - x[0]) * xScale,
    // what a log axis cannot show lies on its floor
    yPx: isLog
      ? (v) => (v > 0 ? floor - (Math.log10(v) - low) * yScale : floor + 4)
      : (v) => floor - (v - low) * yScale,
    xAt: (px) => x[0] + (px - MARGIN.left) / xScale,
  };
}
