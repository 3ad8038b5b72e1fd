/** Of curves by writer: which lies off the others, and all of them with that one first. */

import { useMemo } from "react";
import type { Curve } from "@/charts/line/curve";
import { curvePointsOf } from "@/charts/line/curve-points";
import { type Offset, offsetsOf, stragglerOf } from "@/data/curves/stragglers";

/** With more curves the comparison takes too long. */
const MAX_CURVES = 512;

export interface Stragglers {
  /** All curves, the most different first; as they were where they are not compared. */
  readonly curves: readonly Curve[];
  readonly straggler: { readonly name: string; readonly off: number } | null;
}

/** @param isByPart whether the curves are writers of one metric; others are left as they are */
export function useStragglers(curves: readonly Curve[], isByPart: boolean): Stragglers {
  return useMemo(() => {
    const keys = new Set(curves.map((curve) => curve.columns.key));
    if (!isByPart || keys.size !== 1 || curves.length > MAX_CURVES) return { curves, straggler: null };
    const offsets = offsetsOf(
      curves.map((curve) => {
        const { x, mean } = curvePointsOf(curve.columns);
        return { id: curve.id, x, y: mean };
      }),
    );
    const byId = new Map(curves.map((curve) => [curve.id, curve]));
    const curveOf = (offset: Offset) => byId.get(offset.id)!;
    const off = stragglerOf(offsets);
    return {
      curves: offsets.map(curveOf),
      straggler: off && { name: curveOf(off).name, off: off.off },
    };
  }, [curves, isByPart]);
}
