/**
 * Curves for tests, with what a test says of them and else as they mostly are.
 */

import type { SeriesColumns } from "@/data/curves/columns";
import type { BuiltLine } from "./built-line";
import { type Curve, curveOf } from "./curve";

/** A curve as it comes from the server. */
export function exampleCurve(columns: Partial<SeriesColumns>, id = "a"): Curve {
  const n = columns.bucket?.length ?? 0;
  const mean = columns.mean ?? new Float32Array(n);
  const none = new Uint32Array(columns.nonfinite?.length ?? 0);
  return curveOf(
    {
      run: id,
      part: "",
      group: "",
      axis: "defined",
      axisMetric: "",
      nRuns: 1,
      low: new Float32Array(0),
      high: new Float32Array(0),
      runs: new Uint32Array(0),
      key: "loss",
      level: 0,
      firstBucket: 0,
      originMicros: 0,
      nPoints: n,
      base: 0,
      bucket: new Uint16Array(0),
      min: mean,
      max: mean,
      nonfinite: new Uint16Array(0),
      nan: none,
      posInf: none,
      negInf: none,
      ...columns,
      mean,
    },
    { id, name: id, color: 1 },
  );
}

/** A curve as it is drawn, with a point of `y` at each `x`. */
export function exampleLine(
  id: string,
  x: readonly number[],
  y: readonly number[],
  part: Partial<BuiltLine> = {},
): BuiltLine {
  const mean = Float64Array.from(y);
  return {
    id,
    highlightId: id,
    name: id,
    color: 1,
    stroke: null,
    widthPx: null,
    hasDots: false,
    isLive: false,
    isBaseline: false,
    key: "loss",
    run: id,
    originMicros: 0,
    x: Float64Array.from(x),
    finer: [],
    span: null,
    firstAboveZero: 1,
    mean,
    lo: mean,
    hi: mean,
    drawn: mean,
    y: mean,
    under: null,
    hasBand: false,
    least: mean,
    greatest: mean,
    hasExtremes: false,
    runs: new Uint32Array(0),
    nRuns: 1,
    fewerAfter: null,
    spikes: [],
    width: 1,
    nonfinite: null,
    ...part,
  };
}
