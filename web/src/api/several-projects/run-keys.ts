/**
 * Runs of several projects in one panel: a run of another project than the panel's has the key `entity/project/run` in
 * place of its id. Requests go to each project with its own ids, and the answers are joined.
 */

import type { ProjectRef } from "../types";

/** Ids of runs have no `/`. */
export function runKey({ entity, project }: ProjectRef, id: string): string {
  return `${entity}/${project}/${id}`;
}

export function isRunKey(run: string): boolean {
  return run.includes("/");
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
  const others = new Map<string, string[]>();
  for (const run of runs.filter(isRunKey)) {
    const at = run.lastIndexOf("/");
    const project = run.slice(0, at);
    others.set(project, [...(others.get(project) ?? []), run.slice(at + 1)]);
  }
  for (const [path, ofOther] of others) {
    const [entity = "", project = ""] = path.split("/");
    const ref = { entity, project };
    parts.push({ ref, ids: ofOther, keyOf: (id) => runKey(ref, id) });
  }
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
