/**
 * What the kinds of smoothing are called, and how much of each there is.
 */

import type { SmoothingKind } from "@/data/view/settings";

export const SMOOTHINGS: readonly { readonly value: SmoothingKind; readonly label: string }[] = [
  { value: "none", label: "None" },
  { value: "ema", label: "EMA, by time" },
  { value: "gaussian", label: "Gaussian" },
  { value: "mean", label: "Running mean" },
];

/** Of a window more than half of what is seen says nothing. */
export function mostSmoothing(kind: SmoothingKind): number {
  return kind === "ema" ? 0.99 : 0.5;
}

/** What a kind begins with when it is chosen. */
export function firstSmoothing(kind: SmoothingKind): number {
  return kind === "ema" ? 0.6 : kind === "none" ? 0 : 0.05;
}
