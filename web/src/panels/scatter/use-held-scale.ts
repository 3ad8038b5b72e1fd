import { useMemo, useState } from "react";
import { type AxisChoice, numberOf, valueAxis } from "@/charts/axis/value-axis";
import { isParameter } from "../over-runs/columns";

/**
 * The scale of an axis. Where it was logarithmic by itself, it stays so while the panel is shown: a filter that leaves
 * values near each other would move all dots otherwise.
 *
 * @param column null: not known yet
 */
export function useHeldScale(
  choice: AxisChoice,
  column: string | null,
  values: readonly unknown[],
): AxisChoice {
  const [logColumns, setLogColumns] = useState<ReadonlySet<string>>(new Set());
  const kind = useMemo(
    () => column && valueAxis(values, { choice: "auto", isParameter: isParameter(column) })?.kind,
    [column, values],
  );
  if (choice !== "auto" || !column) return choice;
  if (kind === "log" && !logColumns.has(column)) setLogColumns(new Set(logColumns).add(column));
  const isHeld = kind === "linear" && logColumns.has(column);
  // 0 has no place on a logarithmic axis
  return isHeld && values.every((value) => (numberOf(value) ?? 1) > 0) ? "log" : choice;
}
