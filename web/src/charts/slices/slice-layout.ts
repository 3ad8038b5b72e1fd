/**
 * Where the dots of a slice lie: a result over one parameter. Pure.
 */

import { type AxisChoice, placeOf, type ValueAxis, valueAxis } from "../axis/value-axis";
import { placeOfId } from "../jitter";

/** A run with its value of the parameter and its result. */
export interface SlicePoint {
  readonly id: string;
  readonly x: unknown;
  readonly y: number;
  /** When it was begun, from 0 for the first run to 1 for the last. */
  readonly time: number;
  /** False: a brush leaves it out. */
  readonly isIn: boolean;
}

/** A dot from 0 to 1 in both directions, 0 at the left and below. */
export interface SliceDot {
  readonly id: string;
  readonly x: number;
  readonly y: number;
  readonly time: number;
  readonly isIn: boolean;
}

export interface SliceLayout {
  readonly x: ValueAxis;
  readonly dots: readonly SliceDot[];
}

const PAD = 0.05;
/** Dots of one category spread over this part of its column. */
const SPREAD = 0.6;

/** Null where no run has the parameter. */
export function layOutSlice(
  points: readonly SlicePoint[],
  xScale: AxisChoice,
  y: ValueAxis,
): SliceLayout | null {
  const x = valueAxis(
    points.map((point) => point.x),
    { choice: xScale, isParameter: true, pad: PAD },
  );
  if (!x) return null;
  const spread = x.kind === "category" ? SPREAD / x.levels.length : 0;
  const dots = points.flatMap(({ id, time, isIn, ...point }): SliceDot[] => {
    const [atX, atY] = [placeOf(x, point.x), placeOf(y, point.y)];
    if (atX === null || atY === null) return [];
    return [{ id, x: spread === 0 ? atX : atX + (placeOfId(id) - 0.5) * spread, y: atY, time, isIn }];
  });
  return dots.length > 0 ? { x, dots } : null;
}
