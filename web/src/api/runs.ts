/**
 * One run of a project, and edits of it; lists of many are `run-rows.ts`.
 */

import { type QueryClient, queryOptions } from "@tanstack/react-query";
import { jsonBody, projectPath, request, requestJson } from "./client";
import { patchRow, type RunRow } from "./run-rows";
import type { ProjectRef, Run } from "./types";

function runPath(ref: ProjectRef, run: string): string {
  return `${projectPath(ref)}/runs/${encodeURIComponent(run)}`;
}

export function runKey(ref: ProjectRef, run: string) {
  return ["run", ref.entity, ref.project, run] as const;
}

/** One run. */
export function runQuery(ref: ProjectRef, run: string) {
  return queryOptions({
    queryKey: runKey(ref, run),
    queryFn: async ({ signal }) => withEdits(ref, await requestJson<Run>(runPath(ref, run), { signal })),
  });
}

/** What people may change of a run; null takes it away. */
export interface RunEdit {
  /** A number of the palette, 1 … 12. */
  readonly color?: number;
  readonly name?: string;
  readonly notes?: string | null;
  readonly tags?: readonly string[];
  readonly group?: string | null;
  readonly job_type?: string | null;
}

/** Edits of a run that the server has not answered. */
interface EditsOnTheirWay {
  /** What is edited, as the server has it. */
  known: Partial<Run>;
  readonly edits: RunEdit[];
  /** Settles with the last of them; never fails. */
  last: Promise<unknown>;
}

const onTheirWay = new Map<string, EditsOnTheirWay>();

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
  const key = JSON.stringify(runKey(ref, run));
  const mine = onTheirWay.get(key) ?? { known: {}, edits: [], last: Promise.resolve() };
  onTheirWay.set(key, mine);
  const fields = Object.keys(edit) as (keyof RunEdit)[];
  mine.known = { ...Object.fromEntries(fields.map((field) => [field, before[field]])), ...mine.known };
  mine.edits.push(edit);
  putRun(client, ref, run, edit as Partial<Run>);
  const answer = mine.last.then(() => requestJson<Run>(runPath(ref, run), jsonBody("PATCH", edit)));
  mine.last = answer.catch(() => null);
  try {
    mine.known = await answer;
  } finally {
    mine.edits.splice(mine.edits.indexOf(edit), 1);
    // the answer does not contain the edits that were made since
    putRun(client, ref, run, Object.assign({}, mine.known, ...mine.edits));
    if (mine.edits.length === 0) onTheirWay.delete(key);
  }
}

function withEdits(ref: ProjectRef, run: Run): Run {
  return Object.assign({}, run, ...(onTheirWay.get(JSON.stringify(runKey(ref, run.id)))?.edits ?? []));
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
  client.setQueryData<Run>(runKey(ref, run), (known) => known && { ...known, ...part });
  patchRow(client, ref, run, (row) => ({
    ...row,
    name: part.name ?? row.name,
    state: part.state ?? row.state,
    color: part.color ?? row.color,
    values: { ...row.values, ...editedValues(row, part) },
  }));
}

/** Columns that people edit, called as the run's fields are. */
const EDITED_COLUMNS = ["name", "notes", "tags", "group", "job_type"] as const;

function editedValues({ values }: RunRow, part: Partial<Run>): Partial<Run> {
  const columns = EDITED_COLUMNS.filter((column) => column in values && column in part);
  return Object.fromEntries(columns.map((column) => [column, part[column]]));
}
