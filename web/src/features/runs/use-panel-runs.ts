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
    const names = distinctNames(runs);
    const panelRuns = runs.map((run, i) => ({
      id: run.id,
      name: names[i]!,
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

/** The names of runs in order; a name of several runs has the id of each after it. */
export function distinctNames(runs: readonly { readonly id: string; readonly name: string }[]): string[] {
  const count = new Map<string, number>();
  for (const { name } of runs) count.set(name, (count.get(name) ?? 0) + 1);
  return runs.map(({ id, name }) => (count.get(name) === 1 ? name : `${name} (${id})`));
}
