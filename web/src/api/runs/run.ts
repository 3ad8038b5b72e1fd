/** One run of a project, and edits of it; lists of many are `run-rows.ts`. */

import { type QueryClient, queryOptions } from "@tanstack/react-query";
import { jsonBody, request, requestJson, runPath } from "../client";
import type { ProjectRef, Run } from "../types";
import { askWithEdits, editedKey, noteEdited, onTheirWay, type RunEdit } from "./run-edits";
import { editedRow, patchRow } from "./run-rows";

export function runKey(ref: ProjectRef, run: string) {
  return ["run", ref.entity, ref.project, run] as const;
}

export function runQuery(ref: ProjectRef, run: string) {
  return queryOptions({
    queryKey: runKey(ref, run),
    queryFn: ({ signal }) =>
      askWithEdits(ref, async (editOf) => {
        const answer = await requestJson<Run>(runPath(ref, run), { signal });
        return { ...answer, ...editOf(answer.id) };
      }),
  });
}

/**
 * Change a run. Pages show it at once; the server gets one edit after the other, in the order of the acts. What it
 * refuses is taken back.
 *
 * @param before the run as it is shown: at least the fields that the edit changes
 */
export async function editRun(
  client: QueryClient,
  ref: ProjectRef,
  run: string,
  before: Partial<RunEdit>,
  edit: RunEdit,
): Promise<void> {
  const key = editedKey(ref, run);
  const unanswered = onTheirWay.get(key) ?? { stored: {}, edits: [], last: Promise.resolve() };
  onTheirWay.set(key, unanswered);
  const fields = Object.keys(edit) as (keyof RunEdit)[];
  unanswered.stored = {
    ...Object.fromEntries(fields.map((field) => [field, before[field]])),
    ...unanswered.stored,
  };
  unanswered.edits.push(edit);
  putRun(client, ref, run, edit as Partial<Run>);
  const answer = unanswered.last.then(() =>
    requestJson<Run>(runPath(ref, run), jsonBody<"RunEdit">("PATCH", edit)),
  );
  unanswered.last = answer.catch(() => null);
  try {
    unanswered.stored = await answer;
  } finally {
    unanswered.edits.splice(unanswered.edits.indexOf(edit), 1);
    // the answer does not contain the edits that were made since
    putRun(client, ref, run, Object.assign({}, unanswered.stored, ...unanswered.edits));
    if (unanswered.edits.length === 0) onTheirWay.delete(key);
  }
}

/** Protect a run from deletion, or no longer. Pages show it once the server has taken it. */
export async function lockRun(
  client: QueryClient,
  ref: ProjectRef,
  run: string,
  isLocked: boolean,
): Promise<void> {
  const edit = jsonBody<"RunEdit">("PATCH", { is_locked: isLocked });
  const { locked_by, locked_micros } = await requestJson<Run>(runPath(ref, run), edit);
  putRun(client, ref, run, { locked_by, locked_micros });
  // an answer that was on its way has the lock of before
  await client.invalidateQueries({ queryKey: runKey(ref, run) });
}

/** Ask a run to stop: its next `log()` raises KeyboardInterrupt. */
export async function stopRun(ref: ProjectRef, run: string): Promise<void> {
  await request(`${runPath(ref, run)}/stop`, { method: "POST" });
}

/** Move a run with all its data to the trash. */
export async function deleteRun(ref: ProjectRef, run: string): Promise<void> {
  await request(runPath(ref, run), { method: "DELETE" });
}

/** Take a run out of the trash. */
export async function undeleteRun(ref: ProjectRef, run: string): Promise<void> {
  await request(`${runPath(ref, run)}/undelete`, { method: "POST" });
}

/** Put what is known of a run into every query that holds it, without asking for lists again. */
function putRun(client: QueryClient, ref: ProjectRef, run: string, part: Partial<Run>): void {
  noteEdited(ref, run, part);
  client.setQueryData<Run>(runKey(ref, run), (cached) => cached && { ...cached, ...part });
  patchRow(client, ref, run, (row) => editedRow(row, part));
}
