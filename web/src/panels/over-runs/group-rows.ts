/** Runs in groups with a figure of each: what bars show. Pure. */

import { medianOf } from "@/data/statistics/quantile";
import type { Whisker } from "@/data/view/settings";
import { groupId } from "@/data/view/view";

export interface GroupMember {
  readonly id: string;
  /** Its groups by each of the columns. */
  readonly groupValues: readonly (readonly unknown[])[];
  readonly value: number;
}

export interface GroupFigure {
  /** `groupId` of its values. */
  readonly id: string;
  readonly values: readonly unknown[];
  readonly n: number;
  readonly value: number;
  /** The ends of the whisker; null: one run has none, or none is wanted. */
  readonly low: number | null;
  readonly high: number | null;
  /** Of its runs. */
  readonly numbers: readonly number[];
}

/** The 97.5 % quantile of Student's t by degrees of freedom, 1 to 30; source: any table of it. */
const T_975 = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131,
  2.12, 2.11, 2.101, 2.093, 2.086, 2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052, 2.048, 2.045, 2.042,
];

/** Groups in the order of their first run. */
export function groupFigures(
  members: readonly GroupMember[],
  center: "mean" | "median",
  band: Whisker,
): GroupFigure[] {
  const groups = new Map<string, { values: readonly unknown[]; numbers: number[] }>();
  for (const { groupValues, value } of members)
    for (const values of combinations(groupValues)) {
      const id = groupId(values);
      const group = groups.get(id) ?? { values, numbers: [] };
      group.numbers.push(value);
      groups.set(id, group);
    }
  return [...groups].map(([id, { values, numbers }]) => ({
    id,
    values,
    n: numbers.length,
    numbers,
    ...figureOf(numbers, center, band),
  }));
}

/** A run with several tags is in the group of each. */
function combinations(values: readonly (readonly unknown[])[]): unknown[][] {
  return values.reduce<unknown[][]>(
    (before, each) => before.flatMap((prefix) => each.map((member) => [...prefix, member])),
    [[]],
  );
}

function figureOf(numbers: readonly number[], center: "mean" | "median", band: Whisker) {
  const n = numbers.length;
  const mean = numbers.reduce((sum, v) => sum + v, 0) / n;
  const value = center === "mean" ? mean : medianOf(numbers);
  if (band === "none" || n < 2) return { value, low: null, high: null };
  if (band === "minmax") return { value, low: Math.min(...numbers), high: Math.max(...numbers) };
  const std = Math.sqrt(numbers.reduce((sum, v) => sum + (v - mean) ** 2, 0) / (n - 1));
  const stderr = std / Math.sqrt(n);
  const reach = band === "std" ? std : band === "stderr" ? stderr : stderr * tQuantile(n - 1);
  // as in line charts, deviations are those from the mean, also where the center is the median
  return { value, low: mean - reach, high: mean + reach };
}

/**
 * Student's t, 97.5 %.
 *
 * Source: beyond the table Cornish and Fisher's expansion about the normal quantile, right to 4 digits there.
 */
export function tQuantile(freedom: number): number {
  const tabulated = T_975[freedom - 1];
  if (tabulated !== undefined) return tabulated;
  const z = 1.959963984540054;
  return z + (z ** 3 + z) / (4 * freedom) + (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * freedom ** 2);
}
