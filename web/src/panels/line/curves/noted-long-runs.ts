/**
 * Long runs of the page's panels, for the menu of their x axis, which offers to end it where most runs end.
 */

import { useEffect, useMemo, useSyncExternalStore } from "react";
import type { SeriesColumns } from "@/data/curves/columns";
import { type LongRuns, longRunsOf } from "./long-runs";

const byPanel = new Map<string, LongRuns>();
const listeners = new Set<() => void>();

/** Tells the long runs of a panel while it is there. @param series of its whole range, else null */
export function useNotedLongRuns(panel: string, series: readonly SeriesColumns[] | null): void {
  const longRuns = useMemo(() => series && longRunsOf(series), [series]);
  useEffect(() => {
    if (!longRuns) return;
    byPanel.set(panel, longRuns);
    tellAll();
    return () => {
      byPanel.delete(panel);
      tellAll();
    };
  }, [panel, longRuns]);
}

/** Of the panel whose longest run is longest; null: no panel has long runs. */
export function useLongRuns(): LongRuns | null {
  return useSyncExternalStore(subscribe, longest);
}

function longest(): LongRuns | null {
  let most: LongRuns | null = null;
  for (const longRuns of byPanel.values()) if (!most || longRuns.times > most.times) most = longRuns;
  return most;
}

function tellAll(): void {
  for (const tell of listeners) tell();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
