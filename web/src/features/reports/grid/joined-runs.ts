/** The runs of several run sets as one set of panels. Pure. */

import type { ProjectRef } from "@/api/types";
import type { PanelSet } from "@/panels/panel-props";
import type { SetRuns } from "./use-set-runs";

/** The runs of all sets, each once; groups where all sets are grouped alike. */
export function joinedRuns(project: ProjectRef, parts: readonly SetRuns[]): SetRuns {
  const [first, ...others] = parts;
  if (first && others.length === 0) return first;
  const sets = parts.map(({ panels }) => panels);
  const runs = [...new Map(sets.flatMap((set) => set.runs.map((run) => [run.id, run]))).values()];
  const by = JSON.stringify(first?.panels.groupBy ?? []);
  const isAlike = sets.every(({ groupBy }) => JSON.stringify(groupBy) === by);
  const nShown = sets.reduce((sum, set) => sum + (set.nShown ?? set.runs.length), 0);
  const panels: PanelSet = {
    project,
    runs,
    runIds: runs.map(({ id }) => id).sort(),
    ...(nShown > runs.length && sets.some((set) => set.nShown !== undefined) && { nShown }),
    groupBy: isAlike && first ? first.panels.groupBy : NOT_GROUPED,
    ...(isAlike && { groups: [...new Set(sets.flatMap(({ groups = [] }) => groups))] }),
    groupColors: Object.assign({}, ...sets.map(({ groupColors }) => groupColors)),
    baseline: sets.find(({ baseline }) => baseline !== null)?.baseline ?? null,
  };
  return {
    panels,
    isSettled: parts.every(({ isSettled }) => isSettled),
    isKnown: parts.every(({ isKnown }) => isKnown),
    error: parts.find(({ error }) => error)?.error ?? null,
  };
}

const NOT_GROUPED: readonly string[] = [];
