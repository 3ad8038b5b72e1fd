/**
 * One action on many runs.
 */

import { jsonBody, projectPath, requestJson } from "./client";
import type { ProjectRef, Schemas } from "./types";

type Edit = Schemas["EditAction"];

/** Of an edit only what is to change is given. */
export type BulkAction =
  | (Pick<Edit, "kind"> & Partial<Omit<Edit, "kind">>)
  | Exclude<Schemas["BulkRequest"]["action"], Edit>;
export type BulkAnswer = Schemas["BulkAnswer"];

/** Do something with these runs; those that it fails for are in the answer. */
export function actOnRuns(ref: ProjectRef, runs: readonly string[], action: BulkAction): Promise<BulkAnswer> {
  return requestJson<BulkAnswer>(`${projectPath(ref)}/runs/bulk`, jsonBody("POST", { runs, action }));
}
