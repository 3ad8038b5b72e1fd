import { curvePointsOf } from "@/charts/line/curve-points";
import type { SeriesColumns } from "@/data/curves/columns";

/**
 * The rows of the table `history` for Vega-Lite: the means of a curve's buckets; a bucket without a finite point has no row.
 */
export function historyRows(columns: SeriesColumns, name: string, color: string): object[] {
  const { x, mean, lo, hi } = curvePointsOf(columns);
  const axis = columns.axisMetric || "step";
  return Array.from(x, (position, i) => ({
    run: columns.run,
    name,
    color,
    key: columns.key,
    axis,
    x: position,
    ...(axis === "step" && { step: position }),
    value: mean[i],
    min: lo[i],
    max: hi[i],
  }));
}
