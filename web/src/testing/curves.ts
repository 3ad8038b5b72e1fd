/** Curves for tests, with what a test says of them and else as they mostly are. */

import { type Frame, frameOf, type Range } from "@/charts/axis/scale";
import type { BuiltLine } from "@/charts/line/built-line";
import { type Curve, curveOf } from "@/charts/line/curve";
import type { SeriesColumns } from "@/data/curves/columns";
import { seriesOf } from "./series";

/** A curve as it comes from the server. */
export function exampleCurve(columns: Partial<SeriesColumns>, id = "a"): Curve {
  const n = columns.bucket?.length ?? 0;
  const none = new Uint32Array(columns.nonfinite?.length ?? 0);
  const values = columns.mean ?? new Float32Array(n);
  const series = seriesOf([...values], { run: id, axis: "defined", nan: none, posInf: none, negInf: none });
  return curveOf(
    { ...series, bucket: new Uint16Array(0), nPoints: n, ...columns },
    { id, name: id, color: 1 },
  );
}

/** The frame of a linear chart of this size, px, without flags. */
export function exampleFrame(width: number, height: number, x: Range, y: Range): Frame {
  return frameOf({
    width,
    height,
    x,
    y,
    xScale: "linear",
    yScale: "linear",
    hasFlags: false,
    hasNonfinite: false,
  });
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
    isExact: null,
    finer: [],
    span: null,
    firstAboveZero: 1,
    mean,
    evened: mean,
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
