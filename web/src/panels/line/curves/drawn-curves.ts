/**
 * Facts of a panel for its open settings: the curves that it draws, which only its answer tells, and
 * the style that its curve's menu asked for.
 */

import { useSyncExternalStore } from "react";
import type { Curve } from "@/charts/line/curve";
import type { LineStyle } from "@/data/view/settings";

interface Drawn {
  readonly panel: string;
  readonly curves: readonly Curve[];
}

let drawn: Drawn | null = null;
const listeners = new Set<() => void>();
const NO_CURVES: readonly Curve[] = [];

export function noteDrawnCurves(panel: string, curves: readonly Curve[]): void {
  drawn = { panel, curves };
  for (const tell of listeners) tell();
}

/** Empty while the panel has drawn nothing. */
export function useDrawnCurves(panel: string): readonly Curve[] {
  return useSyncExternalStore(subscribe, () => (drawn?.panel === panel ? drawn.curves : NO_CURVES));
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
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
