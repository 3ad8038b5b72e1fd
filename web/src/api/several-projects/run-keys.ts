/**
 * Runs of several projects in one panel: a run of another project than the panel's has the key `entity/project/run` in
 * place of its id. Requests go to each project with its own ids, and the answers are joined.
 */

import { projectId } from "../projects";
import type { ProjectRef } from "../types";

/** Ids of runs have no `/`. */
export function runKey({ entity, project }: ProjectRef, id: string): string {
  return `${entity}/${project}/${id}`;
}

export function isRunKey(run: string): boolean {
  return run.includes("/");
}

/** The run as panels of the project `own` know it. */
export function runKeyIn(own: ProjectRef, of: ProjectRef, id: string): string {
  return projectId(of) === projectId(own) ? id : runKey(of, id);
}

/** The run of a key. */
export function runOfKey(own: ProjectRef, key: string): { readonly ref: ProjectRef; readonly id: string } {
  const [entity, project, id] = key.split("/");
  return project && id ? { ref: { entity: entity!, project }, id } : { ref: own, id: key };
}

/** Some runs of one project. */
export interface ProjectRuns {
  readonly ref: ProjectRef;
  readonly ids: readonly string[];
  /** The run as panels know it. */
  keyOf(id: string): string;
}

/** The runs by project; without a key all of them as they are. */
export function runsByProject(own: ProjectRef, runs: readonly string[]): readonly ProjectRuns[] {
  if (!runs.some(isRunKey)) return [{ ref: own, ids: runs, keyOf: (id) => id }];
  const ids = runs.filter((run) => !isRunKey(run));
  const parts: ProjectRuns[] = ids.length > 0 ? [{ ref: own, ids, keyOf: (id) => id }] : [];
  const others = new Map<string, { readonly ref: ProjectRef; readonly ids: string[] }>();
  for (const { ref, id } of runs.filter(isRunKey).map((run) => runOfKey(own, run))) {
    const ofOther = others.get(projectId(ref)) ?? { ref, ids: [] };
    others.set(projectId(ref), ofOther);
    ofOther.ids.push(id);
  }
  for (const { ref, ids: ofOther } of others.values())
    parts.push({ ref, ids: ofOther, keyOf: (id) => runKey(ref, id) });
  return parts;
}

/** The answers of all projects, in the order of `runsByProject`. */
export function askProjects<Answer>(
  own: ProjectRef,
  runs: readonly string[],
  ask: (part: ProjectRuns) => Promise<Answer>,
): Promise<Answer[]> {
  return Promise.all(runsByProject(own, runs).map(ask));
}
