/** The calls of a page that edits a report's draft: updates, what it lacks, its cursor, the stream of changes. */

import { request, requestJson } from "../client";
import type { ProjectRef, Schemas } from "../types";
import { reportPath } from "./reports";

/** The schema of texts that this app knows: nodes and marks. */
export const SCHEMA = 1;

/** An update of more bytes is refused. */
export const MOST_UPDATE_BYTES = 1 << 20;

export interface DraftRef {
  readonly project: ProjectRef;
  readonly report: string;
}

/** The part of a draft that a page lacks. */
interface Missing {
  readonly update: Uint8Array;
  /** Number of the draft's last change. */
  readonly seq: number;
  readonly schema: number;
}

/** The whole draft as one update. */
export async function readDraft(ref: DraftRef, signal: AbortSignal): Promise<Missing> {
  const response = await request(`${draftPath(ref)}/sync`, { method: "POST", body: null, signal });
  return {
    update: new Uint8Array(await response.arrayBuffer()),
    seq: Number(response.headers.get("weft-report-seq")),
    schema: Number(response.headers.get("weft-report-schema")),
  };
}

/**
 * Sends what was typed. It is durable once this resolves.
 *
 * @param isLast the page is being closed: the browser finishes the request without it
 */
export async function sendUpdate(
  ref: DraftRef,
  client: string,
  update: Uint8Array,
  isLast: boolean,
): Promise<void> {
  const query = new URLSearchParams({ schema: String(SCHEMA), client });
  await requestJson<Schemas["ReportChange"]>(`${draftPath(ref)}/updates?${query}`, {
    method: "POST",
    headers: BINARY,
    body: update as BodyInit,
    keepalive: isLast,
  });
}

export async function sendAwareness(
  ref: DraftRef,
  client: string,
  state: Uint8Array,
  isLast: boolean,
): Promise<void> {
  await request(`${draftPath(ref)}/awareness?${new URLSearchParams({ client })}`, {
    method: "POST",
    headers: BINARY,
    body: state as BodyInit,
    keepalive: isLast,
    // a cursor is no change of what other queries show
    signal: new AbortController().signal,
  });
}

/** The address of the changes after a number. */
export function changesPath(ref: DraftRef, after: number): string {
  return `${draftPath(ref)}/changes?after=${after}`;
}

const BINARY = { "content-type": "application/octet-stream" };

function draftPath({ project, report }: DraftRef): string {
  return reportPath(project, report);
}
