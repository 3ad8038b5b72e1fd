import { jsonBody, projectPath, requestJson } from "../client";
import type { ProjectRef, Schemas } from "../types";

export type BulkAction = Schemas["BulkChange"]["action"];
export type BulkAnswer = Schemas["BulkAnswer"];

export type EditsByRun = Extract<BulkAction, { kind: "edit_each" }>["edits"];
export type BulkEdit = Omit<Extract<BulkAction, { kind: "edit" }>, "kind">;

function ask(ref: ProjectRef, change: Schemas["BulkChange"]): Promise<BulkAnswer> {
  return requestJson<BulkAnswer>(`${projectPath(ref)}/runs/bulk`, jsonBody<"BulkChange">("POST", change));
}

/** Do something with these runs; those that it fails for are in the answer. */
export function actOnRuns(ref: ProjectRef, runs: readonly string[], action: BulkAction): Promise<BulkAnswer> {
  return ask(ref, { runs, action });
}

/** Edit these runs alike; the answer has its undo. */
export function editRuns(ref: ProjectRef, runs: readonly string[], edit: BulkEdit): Promise<BulkAnswer> {
  return ask(ref, { runs, action: { kind: "edit", ...edit }, with_undo: true });
}

/** Edit each of some runs in its own way; the answer has its undo. */
export function editEachRun(ref: ProjectRef, edits: EditsByRun): Promise<BulkAnswer> {
  return ask(ref, { action: { kind: "edit_each", edits }, with_undo: true });
}

/** Take an edit back. The text of its answer is not parsed: the server's numbers are not all exact in JavaScript. */
export function undoEdit(ref: ProjectRef, undo: string): Promise<BulkAnswer> {
  return ask(ref, { action: { kind: "undo", undo } });
}
