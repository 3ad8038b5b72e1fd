/**
 * The highlighted run for React: which run the pointer is on, in any chart, legend or list.
 */

import { useSyncExternalStore } from "react";
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

/** Handlers that light a run while the pointer is on an element. */
export function highlightOnHover(runId: string) {
  return {
    onPointerEnter: () => highlightedRun.set(runId),
    onPointerLeave: () => highlightedRun.set(null),
  };
}
