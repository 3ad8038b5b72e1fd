/** The run sets of a grid: whose runs they have, and what they are called. Pure. */

import { SHARED_ENTITY } from "@/api/client";
import { projectId } from "@/api/projects";
import { SHOWN_PROJECT } from "@/api/shares";
import type { ProjectRef } from "@/api/types";
import type { Grid, RunSet } from "@/data/report/document";
import { NEWEST_ID } from "@/data/report/grid";

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
  return refOfName(project ?? "", own);
}

/** The project that a report names; without a name its own. */
export function refOfName(name: string, own: ProjectRef): ProjectRef {
  const [first, second] = name.split("/");
  if (!first) return own;
  // without its owner it is one of the report's
  return second ? { entity: first, project: second } : { entity: own.entity, project: first };
}

/** The projects of a grid's run sets, each once. */
export function projectsOf(sets: readonly RunSet[], own: ProjectRef): readonly ProjectRef[] {
  const projects = sets.map((set) => projectOf(set, own));
  return [...new Map(projects.map((project) => [projectId(project), project])).values()];
}

export function nameOf({ name }: RunSet, index: number, n: number): string {
  return name || (n === 1 ? "Runs" : `Run set ${index + 1}`);
}

/** Stands for the name of a project that a link shows; null: the reader knows the name. */
export function numberedName({ entity, project }: ProjectRef): string | null {
  if (entity !== SHOWN_PROJECT.entity && entity !== SHARED_ENTITY) return null;
  return `project ${project.slice(project.lastIndexOf(".") + 1)}`;
}

export function isSame(a: ProjectRef, b: ProjectRef): boolean {
  return a.entity === b.entity && a.project === b.project;
}
