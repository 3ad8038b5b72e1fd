/** The run sets of a grid: whose runs they have, and what they are called. Pure. */

import type { ProjectRef } from "@/api/types";
import type { Grid, ReportDocument, RunSet } from "@/data/report/document";
import { NEWEST_ID } from "@/data/report/grid";
import { gridsOf } from "@/data/report/outline";

/** A grid without run sets draws the runs that its project's workspace shows first. */
const NEWEST: RunSet = {
  ...viewOfNoSet(),
  id: NEWEST_ID,
  name: "",
  project: null,
  isShown: true,
  runColors: {},
};

export function runSetsOf({ runSets }: Grid): readonly RunSet[] {
  return runSets.length > 0 ? runSets : [NEWEST];
}

/** The project of a grid's panels: of its first run set that is shown. Panels of some kinds draw its runs alone. */
export function projectOfGrid(sets: readonly RunSet[], own: ProjectRef): ProjectRef {
  return projectOf(sets.find(({ isShown }) => isShown) ?? sets[0]!, own);
}

function viewOfNoSet() {
  return {
    filter: "",
    runSearch: "",
    isRunRegex: false,
    groupBy: [],
    order: [],
    selection: { base: "newest", on: [], off: [] },
    baseline: null,
    colorBy: null,
    groupColors: {},
  } as const;
}

export function projectOf({ project }: RunSet, own: ProjectRef): ProjectRef {
  const [first, name] = project?.split("/") ?? [];
  if (!first) return own;
  // without its owner it is one of the report's
  return name ? { entity: first, project: name } : { entity: own.entity, project: first };
}

/** Whether all run sets of a grid have runs of one project: of others no figure is stored, as its readers may not see them. */
export function isOfOneProject(sets: readonly RunSet[], own: ProjectRef): boolean {
  const project = projectOfGrid(sets, own);
  return sets.every((set) => isSame(projectOf(set, own), project));
}

/** The grids whose answers are stored when a report is published. */
export function storedGridsOf(document: Pick<ReportDocument, "blocks">, own: ProjectRef) {
  return gridsOf(document).filter((grid) => isOfOneProject(runSetsOf(grid), own));
}

export function nameOf({ name }: RunSet, index: number, n: number): string {
  return name || (n === 1 ? "Runs" : `Run set ${index + 1}`);
}

export function isSame(a: ProjectRef, b: ProjectRef): boolean {
  return a.entity === b.entity && a.project === b.project;
}
