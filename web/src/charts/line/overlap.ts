/** The overlap of the bands of a chart, and the strength that leaves their curves readable. Pure. */

import type { Scale } from "@/data/view/settings";
import { type Frame, frameOf, type Range } from "../axis/scale";
import type { CurvePoints } from "./curve-points";

/** Up to this overlap bands have their full strength; from the second on they are not drawn. */
const CLEAR = 0.25;
const HIDDEN = 1;
/** A fainter band is not seen: it is not drawn. */
const FAINTEST = 0.2;
/** Buckets of a curve that are looked at. */
const SAMPLES = 48;

type Banded = Pick<CurvePoints, "x" | "lo" | "hi" | "hasBand">;
type PlotArea = Pick<Frame, "x" | "top" | "floor" | "yPx">;

/** The number of other bands that lie over a point of the plot, on average: `(n - 1)` times their mean height. */
export function overlapOf(lines: readonly Banded[], frame: PlotArea): number {
  const banded = lines.filter(({ hasBand }) => hasBand);
  if (banded.length < 2) return 0;
  const sum = banded.reduce((total, line) => total + medianHeight(line, frame), 0);
  return ((banded.length - 1) * sum) / banded.length;
}

/** The part of their strength that bands keep: 1 with little overlap, 0 where about one band or more lies over each point. */
export function bandStrength(overlap: number): number {
  const strength = Math.min(1, (HIDDEN - overlap) / (HIDDEN - CLEAR));
  return strength < FAINTEST ? 0 : strength;
}

/** The strength of bands in a chart that shows `x` and `y`, whatever its size. */
export function bandStrengthIn(lines: readonly Banded[], x: Range, y: Range, yScale: Scale): number {
  const frame = frameOf({
    x,
    y,
    xScale: "linear",
    yScale,
    width: 400,
    height: 300,
    hasFlags: false,
    hasNonfinite: false,
  });
  return bandStrength(overlapOf(lines, frame));
}

/** The usual height of a band in view, as a part of the plot's. */
function medianHeight({ x, lo, hi }: Banded, frame: PlotArea): number {
  const heights: number[] = [];
  const every = Math.max(1, Math.floor(x.length / SAMPLES));
  for (let i = 0; i < x.length; i += every) {
    if (x[i]! < frame.x[0] || x[i]! > frame.x[1]) continue;
    const height = frame.yPx(lo[i]!) - frame.yPx(hi[i]!);
    heights.push(Number.isFinite(height) ? height : 0);
  }
  heights.sort((a, b) => a - b);
  return (heights[heights.length >> 1] ?? 0) / (frame.floor - frame.top);
}
