/** Where the dots of a slice lie: a result over one parameter. Pure. */

import { type AxisChoice, fractionOf, type ValueAxis, valueAxis } from "../axis/value-axis";
import { fractionOfId } from "../jitter";

const PAD = 0.05;
/** Dots of one category spread over this part of its column. */
const SPREAD = 0.6;

export interface SliceAxis {
  readonly axis: ValueAxis;
  /** Of each run, from 0 at the left to 1; NaN: it does not have the parameter. */
  readonly fractions: Float64Array;
}

/**
 * The axis of one parameter; null where no run has it.
 *
 * @param ids of the runs, which stand apart by them in the column of a category
 */
export function layOutSlice(
  values: readonly unknown[],
  ids: readonly string[],
  scale: AxisChoice,
): SliceAxis | null {
  const axis = valueAxis(values, { choice: scale, isParameter: scale === "auto", pad: PAD });
  if (!axis) return null;
  if (axis.kind !== "category")
    return { axis, fractions: Float64Array.from(values, (value) => fractionOf(axis, value) ?? Number.NaN) };
  const spread = SPREAD / axis.levels.length;
  const columns = new Map(values.map((value) => [value, Number.NaN]));
  for (const value of columns.keys()) columns.set(value, fractionOf(axis, value) ?? Number.NaN);
  return {
    axis,
    fractions: Float64Array.from(
      values,
      (value, i) => columns.get(value)! + (fractionOfId(ids[i]!) - 0.5) * spread,
    ),
  };
}
