/** The figures that groups are asked for, and their order. */

import { type Aggregate, figureName } from "@/api/runs/groups";
import { kindOfColumn } from "@/data/runs/run-columns";
import type { Order } from "@/data/view/view";

const OF_NUMBERS = ["mean", "std", "min", "max"] as const;

/** Figures that groups are asked of a column. */
function functionsOf(column: string): readonly Aggregate["function"][] {
  const kind = kindOfColumn(column);
  if (kind === "text" || kind === "texts") return ["values"];
  if (kind === "time") return ["max"];
  return kind === "seconds" ? OF_NUMBERS : [...OF_NUMBERS, "values"];
}

/**
 * Aggregates of columns, and the order of groups that goes with an order of runs.
 *
 * Groups are sorted by their own column, by the mean of another, or by the last time; a column of texts sorts
 * runs within groups only. Without an order groups come by value.
 */
export function groupFiguresOf(
  by: readonly string[],
  order: readonly Order[],
  columns: readonly string[],
): { aggregates: readonly Aggregate[]; groupOrder: readonly Order[] } {
  if (by.length === 0) return { aggregates: [], groupOrder: [] };
  const aggregates: Aggregate[] = columns.flatMap((column) =>
    functionsOf(column).map((name) => ({ column, function: name })),
  );
  const groupOrder: Order[] = [];
  for (const { column, descending } of order) {
    const name = functionsOf(column)[0]!;
    if (by.includes(column)) groupOrder.push({ column, descending });
    else if (name !== "values") {
      const sorted: Aggregate = { column, function: name };
      if (!columns.includes(column)) aggregates.push(sorted);
      groupOrder.push({ column: figureName(sorted), descending });
    }
  }
  return { aggregates, groupOrder };
}
