/** The run sets of a grid: whose runs they have, and what they are called. Pure. */

import type { ProjectRef } from "@/api/types";
import type { Grid, RunSet } from "@/data/report/document";

/** A grid without run sets draws the runs that its project's workspace shows first. */
const NEWEST: RunSet = {
  ...viewOfNoSet(),
  id: "newest",
  name: "",
  project: null,
  isShown: true,
  runColors: {},
};

export function runSetsOf({ runSets }: Grid): readonly RunSet[] {
  return runSets.length > 0 ? runSets : [NEWEST];
}

/** The project whose runs a grid draws. All shown run sets of a grid must have the same one. */
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

export function nameOf({ name }: RunSet, index: number, n: number): string {
  return name || (n === 1 ? "Runs" : `Run set ${index + 1}`);
}

export function isSame(a: ProjectRef, b: ProjectRef): boolean {
  return a.entity === b.entity && a.project === b.project;
}
