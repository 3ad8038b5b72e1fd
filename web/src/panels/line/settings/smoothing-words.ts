import { formatExactly } from "@/data/text/format";
import type { Smoothing, SmoothingKind } from "@/data/view/settings";

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

/** Amount of a kind when it is chosen. */
export function firstSmoothing(kind: SmoothingKind): number {
  return kind === "ema" ? 0.6 : kind === "none" ? 0 : 0.05;
}

/** The smoothing of curves, for a picture of them; null: none. */
export function smoothingText({ kind, amount }: Smoothing): string | null {
  if (kind === "none" || amount === 0) return null;
  const name = SMOOTHINGS.find((smoothing) => smoothing.value === kind)?.label.split(",")[0];
  return `smoothed: ${name} ${formatExactly(amount)}`;
}
