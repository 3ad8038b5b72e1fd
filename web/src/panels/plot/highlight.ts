/** The highlighted run for React: which run the pointer is on, in any chart, legend or list. */

import { type PointerEvent, useSyncExternalStore } from "react";
import { highlightedRun } from "@/charts/shared-state";

export function useHighlightedRun(): string | null {
  return useSyncExternalStore(highlightedRun.subscribe, highlightedRun.get);
}

/** Whether this run is highlighted; renders only when that changes. */
export function useIsHighlighted(runId: string): boolean {
  return useSyncExternalStore(highlightedRun.subscribe, () => highlightedRun.get() === runId);
}

/** Whether one of these runs is highlighted; renders only when that changes. */
export function useIsAnyHighlighted(runIds: readonly string[]): boolean {
  return useSyncExternalStore(highlightedRun.subscribe, () => runIds.includes(highlightedRun.get() ?? ""));
}

/** The element whose run is highlighted as the pointer is on it. */
let pointed: Element | null = null;

function leave(): void {
  pointed = null;
  document.removeEventListener("pointerover", leaveElsewhere, true);
  highlightedRun.set(null);
}

/** Browsers tell nothing of an element that goes away under the pointer, as in a legend with a new layout or a list that scrolls. */
function leaveElsewhere({ target }: Event): void {
  if (!(target instanceof Node && pointed?.contains(target))) leave();
}

/** Handlers that light a run while the pointer is on an element. */
export function highlightOnHover(runId: string) {
  return {
    onPointerEnter: ({ currentTarget }: PointerEvent) => {
      pointed = currentTarget;
      document.addEventListener("pointerover", leaveElsewhere, true);
      highlightedRun.set(runId);
    },
    onPointerLeave: leave,
  };
}
