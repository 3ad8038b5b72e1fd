/**
 * Areas below curves: down to zero, or one on top of the other. Pure.
 *
 * Step of the data's way: after smoothing in `line-build.ts`, before the y range is known.
 */

import type { Fill } from "@/data/view/settings";
import type { Frame, Range } from "../axis/scale";
import type { BuiltLine } from "./built-line";

/** Positions that curves on top of each other have in common, at most. */
const MOST_POSITIONS = 2_000;

/** Whether curves lie on each other: none lies where its own values are. */
export function isStacked(fill: Fill): boolean {
  return fill === "stacked" || fill === "percent";
}

/** Note of the panel's header on curves that are not where their values are; null: they are. */
export function fillNoteOf(fill: Fill): string | null {
  return isStacked(fill) ? (fill === "percent" ? "percent of the sum" : "stacked") : null;
}

/** The same lines with the areas that are wanted. The first of stacked lines is on top, as in the legend. */
export function fillLines(lines: readonly BuiltLine[], fill: Fill): readonly BuiltLine[] {
  if (fill === "none") return lines;
  if (isStacked(fill)) return stackLines(lines, fill === "percent");
  return lines.map((line) => ({ ...line, under: new Float64Array(line.x.length) }));
}

function stackLines(lines: readonly BuiltLine[], isPercent: boolean): readonly BuiltLine[] {
  const x = commonPositions(lines);
  const valuesOf = lines.map((line) => valuesAt(line, x));
  // a part of a sum with negative parts means nothing
  const partsOf = isPercent ? valuesOf.map((values) => values.map((v) => Math.max(0, v))) : valuesOf;
  const sum = new Float64Array(x.length);
  for (const parts of partsOf) for (let i = 0; i < x.length; i++) sum[i]! += parts[i]!;
  const scaleOf = (i: number) => (isPercent ? (sum[i]! > 0 ? 100 / sum[i]! : 0) : 1);
  const ground = new Float64Array(x.length);
  const stacked: BuiltLine[] = [];
  for (let l = lines.length - 1; l >= 0; l--) {
    const under = ground.slice();
    for (let i = 0; i < x.length; i++) ground[i]! += partsOf[l]![i]! * scaleOf(i);
    stacked.unshift(resampledLine(lines[l]!, x, valuesOf[l]!, under, ground.slice()));
  }
  return stacked;
}

/** A line between `under` and `y`, from its first to its last point. */
function resampledLine(
  line: BuiltLine,
  x: Float64Array,
  values: Float64Array,
  under: Float64Array,
  y: Float64Array,
): BuiltLine {
  const n = line.x.length;
  const from = n === 0 ? 0 : firstAtLeast(x, line.x[0]!);
  const to = n === 0 ? 0 : firstAbove(x, line.x[n - 1]!);
  const own = (all: Float64Array) => all.subarray(from, to);
  const drawn = own(values);
  const [lo, hi] = [own(under), own(y)];
  return {
    ...line,
    x: own(x),
    y: own(y),
    under: own(under),
    drawn,
    mean: drawn,
    evened: drawn,
    lo,
    hi,
    // where all have a point, buckets of runs and extremes are those of none
    hasBand: false,
    least: lo,
    greatest: hi,
    hasExtremes: false,
    spikes: [],
    runs: new Uint32Array(0),
    fewerAfter: null,
    finer: [],
  };
}

/** The positions of all lines; of very many a part, evenly. */
function commonPositions(lines: readonly BuiltLine[]): Float64Array {
  const all = new Set<number>();
  for (const { x } of lines) for (const at of x) all.add(at);
  const positions = Float64Array.from(all).sort();
  if (positions.length <= MOST_POSITIONS) return positions;
  const ends = lines.flatMap(({ x }) => (x.length > 0 ? [x[0]!, x[x.length - 1]!] : []));
  const every = positions.length / MOST_POSITIONS;
  const sampled = Array.from({ length: MOST_POSITIONS }, (_, i) => positions[Math.floor(i * every)]!);
  // each area begins and ends where its curve does
  return Float64Array.from(new Set([...sampled, ...ends])).sort();
}

/** A line's values at rising positions, straight between its points; 0 before the first and after the last. */
function valuesAt(line: BuiltLine, positions: Float64Array): Float64Array {
  const { x, drawn } = line;
  const n = x.length;
  const values = new Float64Array(positions.length);
  let i = 0;
  for (let k = 0; k < positions.length; k++) {
    const at = positions[k]!;
    if (n === 0 || at < x[0]! || at > x[n - 1]!) continue;
    while (i + 1 < n && x[i + 1]! <= at) i += 1;
    const [x0, y0] = [x[i]!, drawn[i]!];
    values[k] = i + 1 < n && at > x0 ? y0 + ((drawn[i + 1]! - y0) * (at - x0)) / (x[i + 1]! - x0) : y0;
  }
  return values;
}

function firstAtLeast(x: Float64Array, value: number): number {
  const at = x.findIndex((v) => v >= value);
  return at < 0 ? x.length : at;
}

function firstAbove(x: Float64Array, value: number): number {
  const at = x.findIndex((v) => v > value);
  return at < 0 ? x.length : at;
}

function isOnOthers({ y, drawn, evened }: BuiltLine): boolean {
  return y !== drawn && y !== evened;
}

/** The least value of a line within a range of x, spikes included; NaN: it has none there. */
export function leastOf(line: BuiltLine, [x0, x1]: Range): number {
  const { x, drawn, lo } = line;
  // of a stacked line these are the ends of its area
  const values = isOnOthers(line) ? drawn : lo;
  // data of a part of the x axis reach beyond what is shown
  const shown = values.filter((value, i) => x[i]! >= x0 && x[i]! <= x1 && !Number.isNaN(value));
  const least = shown.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  return Number.isFinite(least) ? least : Number.NaN;
}

/** Whether a place, px, is in the area of a line that lies on others, at one of its points. */
export function isInStack(line: BuiltLine, at: number, frame: Frame, py: number): boolean {
  const { y, under } = line;
  if (!under || !isOnOthers(line)) return false;
  const [curvePx, underPx] = [frame.yPx(y[at]!), frame.yPx(under[at]!)];
  return py >= Math.min(curvePx, underPx) && py <= Math.max(curvePx, underPx);
}

/** The outline of an area in px. */
export interface AreaPx {
  readonly x: Float64Array;
  readonly top: Float64Array;
  readonly bottom: Float64Array;
  readonly n: number;
}

/** The area between two lines of `n` points; where they cross there is a point more, so that neither is on both sides. */
export function areaBetween(x: Float64Array, a: Float64Array, b: Float64Array, n: number): AreaPx {
  const size = Math.max(0, 2 * n - 1);
  const [xs, top, bottom] = [new Float64Array(size), new Float64Array(size), new Float64Array(size)];
  let k = 0;
  const add = (at: number, y1: number, y2: number) => {
    xs[k] = at;
    top[k] = Math.min(y1, y2);
    bottom[k] = Math.max(y1, y2);
    k += 1;
  };
  for (let i = 0; i < n; i++) {
    if (i > 0) {
      const [before, now] = [a[i - 1]! - b[i - 1]!, a[i]! - b[i]!];
      if (before * now < 0) {
        const part = before / (before - now);
        const y = a[i - 1]! + (a[i]! - a[i - 1]!) * part;
        add(x[i - 1]! + (x[i]! - x[i - 1]!) * part, y, y);
      }
    }
    add(x[i]!, a[i]!, b[i]!);
  }
  return { x: xs, top, bottom, n: k };
}
