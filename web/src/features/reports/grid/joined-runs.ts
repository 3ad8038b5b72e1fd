/** The runs of several run sets as one set of panels. Pure. */

import { projectId } from "@/api/projects";
import { runKeyIn } from "@/api/several-projects/run-keys";
import type { ProjectRef } from "@/api/types";
import type { PanelRun, PanelSet } from "@/panels/panel-props";
import { isSame, numberedName } from "./run-sets";
import type { SetRuns } from "./use-set-runs";

/** The runs of all sets, each once; groups where all sets are grouped alike. */
export function joinedRuns(project: ProjectRef, parts: readonly SetRuns[]): SetRuns {
  const [first, ...others] = parts;
  if (first && others.length === 0) return first;
  const sets = withKeys(project, parts);
  const runs = [...new Map(sets.flatMap((set) => set.runs.map((run) => [run.id, run] as const))).values()];
  const by = JSON.stringify(first?.panels.groupBy ?? []);
  // a group has runs of one project
  const isAlike = sets.every(
    (set) => JSON.stringify(set.groupBy) === by && isSame(set.project, sets[0]!.project),
  );
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

/** The sets with keys in place of ids for runs of other projects; a name that two projects have says whose it is. */
function withKeys(project: ProjectRef, parts: readonly SetRuns[]): readonly PanelSet[] {
  const sets = parts.map(({ panels }) => panels);
  if (sets.every((set) => isSame(set.project, project))) return sets;
  const projects = new Map<string, Set<string>>();
  for (const { runs, project: of } of sets)
    for (const { name } of runs) projects.set(name, (projects.get(name) ?? new Set()).add(projectId(of)));
  return sets.map((set) => {
    const owner = numberedName(set.project) ?? set.project.project;
    const idOf = (id: string) => runKeyIn(project, set.project, id);
    const keyed = (run: PanelRun): PanelRun => ({
      ...run,
      id: idOf(run.id),
      name: (projects.get(run.name)?.size ?? 0) > 1 ? `${run.name} (${owner})` : run.name,
    });
    return {
      ...set,
      runs: set.runs.map(keyed),
      runIds: set.runIds.map(idOf),
      baseline: set.baseline && keyed(set.baseline),
    };
  });
}

const NOT_GROUPED: readonly string[] = [];
