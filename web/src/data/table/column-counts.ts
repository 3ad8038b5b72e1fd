/** The number of columns to choose from, and of those shown. Pure. */

import type { TableColumn } from "./columns";

type Totals = Readonly<Record<"config" | "summary" | "writer", number>> | undefined;

/** All that there are: those of the run itself, and those that runs have values in. */
export function countKnown(columns: readonly string[], totals: Totals): number {
  if (!totals) return columns.length;
  const nRun = columns.filter((column) => !column.includes(".")).length;
  return nRun + totals.config + totals.summary + totals.writer;
}

/** `4 of 41` next to the title of a scope, where some are not shown. */
export function countsOf(shown: readonly TableColumn[], totals: Totals): Readonly<Record<string, string>> {
  const counts: Record<string, string> = {};
  for (const scope of ["config", "summary", "writer"] as const) {
    const n = shown.filter((column) => column.scope === scope).length;
    const total = Math.max(n, totals?.[scope] ?? 0);
    counts[scope] = n === total ? String(n) : `${n} of ${total}`;
  }
  return counts;
}
