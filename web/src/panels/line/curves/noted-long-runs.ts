/**
 * Long runs of the page's panels, for the menu of their x axis, which offers to end it where most runs end.
 */

import { useEffect, useMemo } from "react";
import { create } from "zustand";
import type { Curve } from "@/charts/line/curve";
import { type LongRuns, longRunsOf } from "./long-runs";

const useByPanel = create<ReadonlyMap<string, LongRuns>>(() => new Map());

/** Tells the long runs of a panel while it is there. @param curves over its whole range, else null */
export function useNotedLongRuns(panel: string, curves: readonly Curve[] | null): void {
  const longRuns = useMemo(() => curves && longRunsOf(curves.map(({ columns }) => columns)), [curves]);
  useEffect(() => {
    if (!longRuns) return;
    useByPanel.setState((byPanel) => new Map(byPanel).set(panel, longRuns), true);
    return () => useByPanel.setState((byPanel) => new Map([...byPanel].filter(([of]) => of !== panel)), true);
  }, [panel, longRuns]);
}

/** Of the panel whose longest run is longest; null: no panel has long runs. */
export function useLongRuns(): LongRuns | null {
  return useByPanel(longest);
}

function longest(byPanel: ReadonlyMap<string, LongRuns>): LongRuns | null {
  let most: LongRuns | null = null;
  for (const longRuns of byPanel.values()) if (!most || longRuns.times > most.times) most = longRuns;
  return most;
}
