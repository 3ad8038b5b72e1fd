/** Metrics with one value per run: which panels have them, their notes and their entry in the menu. */

import { useMemo } from "react";
import type { Curve } from "@/charts/line/curve";
import { formatCount } from "@/data/text/format";
import { autoMetricOf } from "@/data/view/panel";
import { MenuItem } from "@/ui/overlays/menu";
import type { PanelProps } from "../panel-props";
import { areSpread, singleValues } from "./curves/single-values";
import { lineOptions } from "./options";

/** Values that are not finite have no bar. */
export function barsNotes(nBars: number, nCurves: number, order: string): string[] {
  const n = nCurves - nBars;
  return [order, ...(n > 0 ? [`${formatCount(n)} NaN or infinite`] : [])];
}

/**
 * The one value of each run or group; null: some run has more, or the panel is not a metric's own. `isSpread`: each run
 * has one, those of a group at several x.
 */
export function useSingleValues({ panel, settings, zoom }: PanelProps, curves: readonly Curve[]) {
  // in a part of x, long runs have one point, too
  const isWhole = zoom === null && settings.xEnds.every((end) => end === null);
  const isOwn = isWhole && autoMetricOf(panel.id) !== null;
  return useMemo(() => {
    const values = isOwn ? singleValues(curves) : null;
    return { values, isSpread: isOwn && values === null && areSpread(curves) };
  }, [isOwn, curves]);
}

/** The entry of the menu that draws single values the other way. */
export function SingleEntry({ of: { panel, onChange } }: { of: PanelProps }) {
  const isBars = lineOptions(panel).single === "bars";
  const single = isBars ? "points" : "bars";
  return (
    <MenuItem
      icon={isBars ? "chart" : "bars"}
      onChoose={() => onChange(panel.id, { options: { ...panel.options, single } })}
    >
      {isBars ? "Draw as points" : "Draw as bars"}
    </MenuItem>
  );
}
