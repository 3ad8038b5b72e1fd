/** Places among the steps of a media panel. Pure. */

import { formatCount, formatTick } from "../text/format";

/** A step as text: a whole one with all its digits. */
export function stepText(step: number): string {
  return Number.isInteger(step) ? formatCount(step) : formatTick(step);
}

/** The place of the last step at or before one; null: the last place. -1 where there is none. */
export function placeOfStep(steps: readonly number[], step: number | null): number {
  if (step === null) return steps.length - 1;
  let lo = 0;
  let hi = steps.length;
  while (lo < hi) {
    const middle = (lo + hi) >> 1;
    if (steps[middle]! <= step) lo = middle + 1;
    else hi = middle;
  }
  // before the first step there is nothing to show: the first says so
  return Math.max(lo - 1, steps.length > 0 ? 0 : -1);
}

/**
 * The places in `steps` before and after `at` at which one run has something new, `own`; null: no more.
 *
 * What the run shows at `at` is its last value at or before that step.
 */
export function neighboursOf(
  steps: readonly number[],
  own: readonly number[],
  at: number,
): { readonly before: number | null; readonly after: number | null } {
  const step = steps[at] ?? 0;
  const held = own.findLastIndex((each) => each <= step);
  const placeOf = (each: number | undefined) => (each === undefined ? null : placeOfStep(steps, each));
  return { before: placeOf(own[held - 1]), after: placeOf(own[held + 1]) };
}

/** What a view says of a place: the last one is `null`, and stays the last when there come more. */
export function stepAtPlace(steps: readonly number[], index: number): number | null {
  const at = Math.max(0, Math.min(steps.length - 1, index));
  return at >= steps.length - 1 ? null : steps[at]!;
}
