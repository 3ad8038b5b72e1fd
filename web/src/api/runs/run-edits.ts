/** Edits of runs that an answer may not contain, because the server was asked before it had them. */

import { EDITED_COLUMNS } from "@/data/runs/run-columns";
import type { ProjectRef, Run, Schemas } from "../types";

/** Fields of a run that people may change; null removes a value. */
export type RunEdit = Pick<Schemas["RunEdit"], "color" | "name" | "notes" | "tags" | "group" | "job_type">;

const FIELDS = ["color", ...EDITED_COLUMNS] as const;

type Edited = Pick<Partial<Run>, (typeof FIELDS)[number]>;

/** Edits of a run that the server has not answered. */
interface EditsOnTheirWay {
  /** The edited fields, as the server has them. */
  stored: Partial<Run>;
  readonly edits: RunEdit[];
  /** Settles with the last of them; never fails. */
  last: Promise<unknown>;
}

/** By `editedKey`. */
export const onTheirWay = new Map<string, EditsOnTheirWay>();

/** Edits of runs, for each request that is not answered yet. */
const unanswered = new Set<Map<string, Edited>>();

export function editedKey({ entity, project }: ProjectRef, run: string): string {
  return JSON.stringify([entity, project, run]);
}

/** A run was edited, or the server has answered an edit of it. */
export function noteEdited(ref: ProjectRef, run: string, part: Partial<Run>): void {
  const edited = Object.fromEntries(FIELDS.flatMap((field) => (field in part ? [[field, part[field]]] : [])));
  const key = editedKey(ref, run);
  for (const editsByRun of unanswered) editsByRun.set(key, { ...editsByRun.get(key), ...edited });
}

/**
 * Ask the server for runs of a project.
 *
 * @param ask `editOf` gives what to put over a run in the answer: the edits that were on their way when the question
 *   began, or were made since
 */
export async function askWithEdits<T>(
  ref: ProjectRef,
  ask: (editOf: (run: string) => Edited) => Promise<T>,
): Promise<T> {
  const editsByRun = new Map<string, Edited>();
  for (const [key, { edits }] of onTheirWay) editsByRun.set(key, Object.assign({}, ...edits));
  unanswered.add(editsByRun);
  try {
    return await ask((run) => editsByRun.get(editedKey(ref, run)) ?? {});
  } finally {
    unanswered.delete(editsByRun);
  }
}
