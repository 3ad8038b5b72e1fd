/**
 * Facts of a panel for its open settings: the curves that it draws, which only its answer tells, and
 * the style that its curve's menu asked for.
 */

import { create } from "zustand";
import type { Curve } from "@/charts/line/curve";
import type { LineStyle } from "@/data/view/settings";

interface Drawn {
  readonly panel: string;
  readonly curves: readonly Curve[];
}

const useDrawn = create<Drawn | null>(() => null);
const NO_CURVES: readonly Curve[] = [];

export function noteDrawnCurves(panel: string, curves: readonly Curve[]): void {
  useDrawn.setState({ panel, curves }, true);
}

/** Empty while the panel has drawn nothing. */
export function useDrawnCurves(panel: string): readonly Curve[] {
  return useDrawn((drawn) => (drawn?.panel === panel ? drawn.curves : NO_CURVES));
}

type StyleKey = Pick<LineStyle, "of" | "id">;

let sought: StyleKey | null = null;

/** The settings show this style when they have it. */
export function seekStyle(of: LineStyle["of"], id: string): void {
  sought = { of, id };
}

/** Whether this style is the one to show; once. */
export function takeSought({ of, id }: StyleKey): boolean {
  if (sought?.of !== of || sought.id !== id) return false;
  sought = null;
  return true;
}
