/**
 * The lit run for React: which run the pointer is on, in any chart, legend or list.
 */

import { useSyncExternalStore } from "react";
import { litRun } from "@/charts/shared-state";

/** The id of the lit run, or null. */
export function useLitRun(): string | null {
  return useSyncExternalStore(litRun.subscribe, litRun.get);
}

/** Whether this run is lit; renders only when that changes. */
export function useIsLit(runId: string): boolean {
  return useSyncExternalStore(litRun.subscribe, () => litRun.get() === runId);
}

/** Handlers that light a run while the pointer is on an element. */
export function litOnHover(runId: string) {
  return {
    onPointerEnter: () => litRun.set(runId),
    onPointerLeave: () => litRun.set(null),
  };
}
