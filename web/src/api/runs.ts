/**
 * One run of a project, and edits of it; lists of many are `run-rows.ts`.
 */

import { type QueryClient, queryOptions } from "@tanstack/react-query";
import { jsonBody, projectPath, request, requestJson } from "./client";
import { patchRow } from "./run-rows";
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
    queryFn: ({ signal }) => requestJson<Run>(runPath(ref, run), { signal }),
  });
}

/** Give a run another name; answers the run as it is now. */
export function renameRun(ref: ProjectRef, run: string, name: string): Promise<Run> {
  return requestJson<Run>(runPath(ref, run), jsonBody("PATCH", { name }));
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

/** Put a run as it is now into every query that holds it, without asking for lists again. */
export function putRun(client: QueryClient, ref: ProjectRef, run: Run): void {
  client.setQueryData(runKey(ref, run.id), run);
  patchRow(client, ref, run.id, (row) => ({ ...row, name: run.name, state: run.state }));
}
