/**
 * One action on many runs.
 */

import { jsonBody, projectPath, requestJson } from "../client";
import type { ProjectRef, Schemas } from "../types";

export type BulkAction = Schemas["BulkChange"]["action"];
export type BulkAnswer = Schemas["BulkAnswer"];

/** Do something with these runs; those that it fails for are in the answer. */
export function actOnRuns(ref: ProjectRef, runs: readonly string[], action: BulkAction): Promise<BulkAnswer> {
  return requestJson<BulkAnswer>(
    `${projectPath(ref)}/runs/bulk`,
    jsonBody<"BulkChange">("POST", { runs, action }),
  );
}
