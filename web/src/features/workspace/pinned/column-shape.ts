/**
 * The shape of a column of the runs list: the size of its numbers, which gives their decimals, and the width of its texts.
 */

import type { RunGroup } from "@/api/runs/groups";
import type { RunRow } from "@/api/runs/run-rows";
import { type Extent, formatOf } from "@/data/table/cell-format";
import { isTimeColumn } from "@/data/table/columns";
import { numberPx } from "@/data/text/format";
import type { NumberLook } from "@/data/view/view";

export interface ColumnShape {
  /** Rounded to a power of ten, so that a live run seldom changes it. */
  readonly extent: Extent | undefined;
  /** Of its longest text, if all of them are numbers. */
  readonly textPx: number | null;
}

/** Widths grow in steps, so that columns stand still while values change. */
const STEP_PX = 4;

/** The values of columns: those of the first runs, or the means of groups. */
export function listedValues(
  first: readonly RunRow[],
  groups: readonly RunGroup[],
): (column: string) => unknown[] {
  return (column) =>
    first.length > 0
      ? first.map(({ values }) => values[column])
      : groups.map(({ figures }) => figures[`mean(${column})`]);
}

export function shapeOf(
  column: string,
  look: NumberLook | undefined,
  values: readonly unknown[],
): ColumnShape {
  const present = values.filter((value) => value !== null && value !== undefined);
  const extent = extentOf(present.filter((value) => typeof value === "number"));
  if (present.length === 0 || isTimeColumn(column)) return { extent, textPx: null };
  const format = formatOf(column, look, extent);
  let textPx = 0;
  for (const value of present) {
    const { text, kind } = format(value);
    if (kind === "text") return { extent, textPx: null };
    textPx = Math.max(textPx, numberPx(text));
  }
  return { extent, textPx: Math.ceil(textPx / STEP_PX) * STEP_PX };
}

function extentOf(numbers: readonly number[]): Extent | undefined {
  if (numbers.length === 0) return undefined;
  const sizes = numbers.map(Math.abs);
  return {
    min: powerOf(Math.min(...sizes)),
    max: powerOf(Math.max(...sizes)),
    isWhole: numbers.every(Number.isInteger),
  };
}

function powerOf(size: number): number {
  return size === 0 ? 0 : Number(`1e${Math.floor(Math.log10(size))}`);
}
