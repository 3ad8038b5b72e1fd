/**
 * Parallel coordinates: one axis for each column, one curve for each run, and brushes that choose runs. Pure.
 */

import {
  type AxisChoice,
  fractionOf,
  levelOf,
  numberAt,
  numberOf,
  type ValueAxis,
  valueAxis,
} from "../axis/value-axis";
import { fractionOfId } from "../jitter";

export interface ParallelColumn {
  readonly column: string;
  readonly label: string;
  readonly isParameter: boolean;
  readonly scale: AxisChoice;
}

export interface ParallelRow {
  readonly id: string;
  readonly name: string;
  /** The run's colour, 1 … 12. */
  readonly color: number;
  /** False: hidden by an eye, so it stands back. */
  readonly isShown: boolean;
  /** One for each column. */
  readonly values: readonly unknown[];
}

/** Values that a brush keeps of a column: numbers between two, or some texts. */
export type Brush = { readonly lo: number; readonly hi: number } | { readonly levels: readonly string[] };

/** Brushes by column. */
export type Brushes = Readonly<Record<string, Brush>>;

export interface ParallelAxis extends ParallelColumn {
  readonly axis: ValueAxis;
  /** The brush as a range of places; null: none. */
  readonly brush: readonly [number, number] | null;
}

export interface ParallelCurve {
  readonly id: string;
  readonly name: string;
  readonly color: number;
  /** On each axis, from 0 to 1; null where the run has no value: the curve has a gap there. */
  readonly fractions: readonly (number | null)[];
  /** Where it lies on the axis that colours; null: it has no place there. */
  readonly ramp: number | null;
  readonly isIn: boolean;
}

/** The column whose values colour the curves. */
export interface Ramp {
  readonly column: string;
  /** Its low values have the strong colours. */
  readonly isLowBest: boolean;
}

export interface ParallelLayout {
  readonly axes: readonly ParallelAxis[];
  /** In the order of painting: the chosen ones last. */
  readonly curves: readonly ParallelCurve[];
}

/** Up to so many different numbers of a parameter stand side by side. */
const FEW_LEVELS = 6;
/** Runs with the same text spread over this part of its place. */
const SPREAD = 0.34;

/** Columns without any value are left out. Without a ramp each curve has its run's colour. */
export function layOutParallel(
  columns: readonly ParallelColumn[],
  rows: readonly ParallelRow[],
  brushes: Brushes,
  ramp: Ramp | null,
): ParallelLayout {
  const axisColumns = columns.flatMap((column, at) => {
    const axis = valueAxis(
      rows.map((row) => row.values[at]),
      { choice: column.scale, isParameter: column.isParameter, fewLevels: FEW_LEVELS },
    );
    return axis ? [{ column, axis, at }] : [];
  });
  const axes = axisColumns.map(({ column, axis }) => ({
    ...column,
    axis,
    brush: brushes[column.column] ? brushSpan(axis, brushes[column.column]!) : null,
  }));
  const rampAxis = axisColumns.find(({ column }) => column.column === ramp?.column);
  const rampOf = (row: ParallelRow) => {
    const fraction = rampAxis ? fractionOf(rampAxis.axis, row.values[rampAxis.at]) : null;
    return fraction !== null && ramp?.isLowBest ? 1 - fraction : fraction;
  };
  const curves = rows.map((row) => ({
    id: row.id,
    name: row.name,
    color: row.color,
    fractions: axisColumns.map(({ axis, at }) => {
      const fraction = fractionOf(axis, row.values[at]);
      return fraction === null ? null : fraction + apart(axis, row.id);
    }),
    ramp: rampOf(row),
    isIn:
      row.isShown && axisColumns.every(({ column, at }) => isInBrush(row.values[at], brushes[column.column])),
  }));
  curves.sort((a, b) => Number(a.isIn) - Number(b.isIn) || (a.ramp ?? 0) - (b.ramp ?? 0));
  return { axes, curves };
}

/** Whether a value is what the brush keeps; without one all is. */
export function isInBrush(value: unknown, brush: Brush | undefined): boolean {
  if (!brush) return true;
  if ("levels" in brush) {
    const level = levelOf(value);
    return level !== null && brush.levels.includes(level);
  }
  const number = numberOf(value);
  return number !== null && number >= brush.lo && number <= brush.hi;
}

/** The brush over a range of places, from 0 to 1; null where it is empty. */
export function brushAt(axis: ValueAxis, from: number, to: number): Brush | null {
  const [low, high] = [Math.max(0, Math.min(from, to)), Math.min(1, Math.max(from, to))];
  if (axis.kind === "category") {
    const n = axis.levels.length;
    const levels = axis.levels.filter((_, i) => (i + 0.5) / n >= low && (i + 0.5) / n <= high);
    return levels.length > 0 ? { levels } : null;
  }
  if (high <= low) return null;
  // the ends of an axis are those of the data, also after rounding
  const lo = low <= 0 ? axis.lo : shortened(numberAt(axis, low));
  const hi = high >= 1 ? axis.hi : shortened(numberAt(axis, high));
  return { lo, hi };
}

/** An end of a brush that is so near to an end of its axis is there: it would leave out the best runs. */
export function snapped(fraction: number, near: number): number {
  return fraction <= near ? 0 : fraction >= 1 - near ? 1 : fraction;
}

function shortened(value: number): number {
  return Number(value.toPrecision(4));
}

function brushSpan(axis: ValueAxis, brush: Brush): readonly [number, number] | null {
  if ("levels" in brush) {
    if (axis.kind !== "category") return null;
    const n = axis.levels.length;
    const at = brush.levels.map((level) => axis.levels.indexOf(level)).filter((i) => i >= 0);
    return at.length > 0 ? [Math.min(...at) / n, (Math.max(...at) + 1) / n] : null;
  }
  if (axis.kind === "category") return null;
  const clampedFraction = (v: number) => Math.max(0, Math.min(1, fractionOf(axis, v) ?? 0));
  return [clampedFraction(brush.lo), clampedFraction(brush.hi)];
}

/** Runs with one text lie a little apart, by their id. */
function apart(axis: ValueAxis, id: string): number {
  if (axis.kind !== "category") return 0;
  return ((fractionOfId(id) - 0.5) * SPREAD) / axis.levels.length;
}

/** Distance of a curve from a point in px, where it passes it; Infinity where it has a gap. */
export function curveDistance(
  fractions: readonly (number | null)[],
  xPx: (axis: number) => number,
  yPx: (fraction: number) => number,
  pointer: readonly [number, number],
): number {
  for (let i = 0; i + 1 < fractions.length; i++) {
    const [x1, x2] = [xPx(i), xPx(i + 1)];
    if (pointer[0] < x1 || pointer[0] > x2) continue;
    const [from, to] = [fractions[i], fractions[i + 1]];
    if (from === null || from === undefined || to === null || to === undefined) return Infinity;
    const t = (pointer[0] - x1) / (x2 - x1);
    // the curve between two axes is near to the smooth step
    const smooth = t * t * (3 - 2 * t);
    return Math.abs(yPx(from) + (yPx(to) - yPx(from)) * smooth - pointer[1]);
  }
  return Infinity;
}
