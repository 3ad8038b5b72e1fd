import { useMemo } from "react";
import type { PanelProps } from "../panel-props";

/** Media of more runs, or more runs × metrics than this are not asked for at once. */
const MOST_RUNS = 50;
const MOST_SERIES = 1000;

export function useFirstRuns({ panel, runs, runIds }: PanelProps): readonly string[] {
  const most = Math.min(MOST_RUNS, Math.floor(MOST_SERIES / Math.max(1, panel.keys.length)));
  return useMemo(
    () => (runIds.length > most ? runs.slice(0, most).map(({ id }) => id) : runIds),
    [runs, runIds, most],
  );
}
