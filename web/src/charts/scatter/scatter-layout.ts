import { formatCount, formatTick } from "@/data/text/format";
import type { AxisChoice, ValueAxis } from "../axis/value-axis";
import { fractionOf, levelOf, numberAt, numberOf, valueAxis } from "../axis/value-axis";
import { fractionOfId } from "../jitter";

/** A run with its value on each axis. */
export interface ScatterPoint {
  readonly id: string;
  readonly name: string;
  /** The run's colour, 1 … 12. */
  readonly color: number;
  /** Hidden runs are outlines. */
  readonly isShown: boolean;
  readonly x: unknown;
  readonly y: unknown;
  /** Value that colours it instead; undefined: none does. */
  readonly tint?: unknown;
}

export interface ScatterView {
  readonly xScale: AxisChoice;
  readonly yScale: AxisChoice;
  readonly isParameterX: boolean;
  readonly isParameterY: boolean;
  readonly isParameterTint: boolean;
  /** Colours of the levels of a tint that is a text. */
  readonly levelColors: Readonly<Record<string, number>>;
  readonly xLabel: string;
  readonly tintLabel: string | null;
  readonly hasFit: boolean;
}

/** A dot from 0 to 1 in both directions, 0 at the left and below. */
export interface Dot {
  readonly id: string;
  readonly isShown: boolean;
  readonly x: number;
  readonly y: number;
  /** A run colour, or a place on the ramp; both null: it has no tint. */
  readonly color: number | null;
  readonly ramp: number | null;
}

export interface ScatterLayout {
  readonly x: ValueAxis;
  readonly y: ValueAxis;
  /** The tint's axis where the ramp shows it. */
  readonly ramp: ValueAxis | null;
  /** The numbers at its ends: twice the same where all dots have one. */
  readonly rampEnds: readonly [number, number] | null;
  readonly dots: readonly Dot[];
  /** Least squares over the dots, at the left and right edge; null: not asked for, or there is none. */
  readonly fit: readonly [number, number] | null;
}

const PAD = 0.06;
/** Dots of one text spread over this part of its place. */
const JITTER = 0.5;

/** Null where no run has both values. */
export function layOutScatter(points: readonly ScatterPoint[], view: ScatterView): ScatterLayout | null {
  const x = valueAxis(
    points.map((p) => p.x),
    { choice: view.xScale, isParameter: view.isParameterX, pad: PAD },
  );
  const y = valueAxis(
    points.map((p) => p.y),
    { choice: view.yScale, isParameter: view.isParameterY, pad: PAD },
  );
  if (!x || !y) return null;
  const tint =
    view.tintLabel === null
      ? null
      : tintAxis(
          points.map((p) => p.tint),
          view.isParameterTint,
        );
  const dots = points.flatMap((point): Dot[] => {
    const [atX, atY] = [fractionOf(x, point.x), fractionOf(y, point.y)];
    if (atX === null || atY === null) return [];
    const { id, isShown } = point;
    const at = { id, isShown, x: atX + jitter(x, id), y: atY + jitter(y, id) };
    if (view.tintLabel === null) return [{ ...at, color: point.color, ramp: null }];
    if (tint && tint.kind !== "category") return [{ ...at, color: null, ramp: fractionOf(tint, point.tint) }];
    const level = levelOf(point.tint);
    return [{ ...at, color: level === null ? null : (view.levelColors[level] ?? null), ramp: null }];
  });
  if (dots.length === 0) return null;
  const ramp = tint && tint.kind !== "category" ? tint : null;
  const rampEnds =
    ramp &&
    endsOf(
      ramp,
      points.map((p) => p.tint),
    );
  return {
    x,
    y,
    ramp,
    rampEnds,
    dots,
    fit: view.hasFit && isNumeric(x) && isNumeric(y) ? fitOf(dots) : null,
  };
}

/** Whole numbers with more digits have no room next to the ramp. */
const MOST_WHOLE = 10_000;

/** An end of the ramp: a batch of 2,048 is not 2.05k. */
export function endText(value: number): string {
  const whole = Math.round(value);
  // a logarithmic end is off by its rounding
  const isWhole = Math.abs(value - whole) < 1e-6 && Math.abs(whole) < MOST_WHOLE;
  return isWhole ? formatCount(whole) : formatTick(Number(value.toPrecision(3)));
}

/** An axis of one number reaches beyond it. */
function endsOf(ramp: ValueAxis, tints: readonly unknown[]): readonly [number, number] {
  const numbers = [...new Set(tints.map(numberOf))].filter((v) => v !== null);
  const [only] = numbers;
  return only !== undefined && numbers.length === 1 ? [only, only] : [numberAt(ramp, 0), numberAt(ramp, 1)];
}

/** The levels of a tint that is a text, which a legend names; null where a ramp shows it. */
export function tintLevels(values: readonly unknown[], isParameter: boolean): readonly string[] | null {
  const axis = tintAxis(values, isParameter);
  return axis?.kind === "category" ? axis.levels : null;
}

function tintAxis(values: readonly unknown[], isParameter: boolean): ValueAxis | null {
  return valueAxis(values, { choice: "auto", isParameter });
}

/** Runs with the same text stand apart by their id, so that none hides another. */
function jitter(axis: ValueAxis, id: string): number {
  if (axis.kind !== "category") return 0;
  return ((fractionOfId(id) - 0.5) * JITTER) / axis.levels.length;
}

function isNumeric(axis: ValueAxis): boolean {
  return axis.kind !== "category";
}

/** The straight line through the dots, as the axes show them, at x = 0 and 1. */
function fitOf(dots: readonly Dot[]): readonly [number, number] | null {
  const n = dots.length;
  const meanX = dots.reduce((sum, d) => sum + d.x, 0) / n;
  const meanY = dots.reduce((sum, d) => sum + d.y, 0) / n;
  let [xx, xy] = [0, 0];
  for (const { x, y } of dots) {
    xx += (x - meanX) ** 2;
    xy += (x - meanX) * (y - meanY);
  }
  if (n < 3 || xx === 0) return null;
  const slope = xy / xx;
  return [meanY - slope * meanX, meanY + slope * (1 - meanX)];
}
