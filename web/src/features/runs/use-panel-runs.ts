/** Runs as panels draw them, and their ids to ask for. */

import { useMemo, useRef } from "react";
import type { ColoredRun } from "@/data/runs/color";
import type { PanelRun } from "@/panels/panel-props";
import type { NamedRun } from "./actions/run-actions";

/**
 * The same arrays as long as nothing that is drawn has changed.
 *
 * Hidden runs are never asked for: they would count in figures of groups, and one that is much longer than the
 * others makes their buckets wide.
 *
 * @param colorOf stable; without it each run has its own colour
 */
export function usePanelRuns<R extends NamedRun>(
  runs: readonly R[],
  colorOf: (run: R) => number = ownColor,
): {
  panelRuns: readonly PanelRun[];
  runIds: readonly string[];
} {
  const last = useRef<{ text: string; runs: readonly PanelRun[]; runIds: readonly string[] }>({
    text: "",
    runs: [],
    runIds: [],
  });
  return useMemo(() => {
    const panelRuns = runs.map((run) => ({
      id: run.id,
      name: run.name,
      color: colorOf(run),
      isLive: run.state === "running",
    }));
    const text = JSON.stringify(panelRuns);
    if (text !== last.current.text) {
      // in an order of their own: another order of the list asks for nothing
      const runIds = panelRuns.map((run) => run.id).sort();
      last.current = { text, runs: panelRuns, runIds };
    }
    return { panelRuns: last.current.runs, runIds: last.current.runIds };
  }, [runs, colorOf]);
}

function ownColor({ color }: ColoredRun): number {
  return color;
}
