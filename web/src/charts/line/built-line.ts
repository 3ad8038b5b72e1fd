/** A curve when it is ready to draw: made by `line-build.ts`, read by all that draw, find and read curves. */

import type { Curve } from "./curve";
import type { CurvePoints } from "./curve-points";
import type { NonfiniteMark } from "./marks";

/** One curve, ready to draw. */
export interface BuiltLine extends Omit<CurvePoints, "nonfinite">, Omit<Curve, "columns"> {
  readonly key: string;
  /** Empty of a group. */
  readonly run: string;
  readonly originMicros: number;
  /** Runs that the curve is made of. */
  readonly nRuns: number;
  /** The mean, smoothed; the same array as `mean` without smoothing. */
  readonly drawn: Float64Array;
  /** Where it lies: `drawn`, without smoothing `evened`, or on top of other lines. */
  readonly y: Float64Array;
  /** Lower edge of the area below it; null: it has none. */
  readonly under: Float64Array | null;
  readonly nonfinite: NonfiniteMark | null;
}
