/** The picture of a chart's curves: lines with their bands, or the density of many. */

import type { Frame } from "../../axis/scale";
import type { LineView } from "../curve";
import type { BuiltChart } from "../line-build";
import { DensityPaint } from "./density-paint";
import { linesLook } from "./line-look";
import { LinesPaint } from "./lines-paint";

export type CurvesPaint = LinesPaint | DensityPaint;

export function curvesPaint(built: BuiltChart, frame: Frame, view: LineView): CurvesPaint {
  const { lines, isDense } = built;
  const ratio = window.devicePixelRatio || 1;
  if (isDense) return new DensityPaint(frame, lines, view.band !== "none", ratio);
  return new LinesPaint(frame, lines, linesLook(view, built), ratio);
}
