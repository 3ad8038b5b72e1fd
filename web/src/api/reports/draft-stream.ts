/**
 * The stream of a draft's changes, opened again whenever it ends.
 *
 * Read by `fetch`, as an `EventSource` tells neither why it failed nor lets a page send the number of the last change again.
 */

import { ApiError, request } from "../client";
import type { Schemas } from "../types";

interface StreamEvents {
  /** Of this page, as it sends changes. */
  readonly client: string;
  /** The address of what follows the last change that was received. */
  path(): string;
  /** It is (again) open. */
  onOpen(): void;
  /** `update` is null of a change that this page sent. */
  onChange(seq: number, update: Uint8Array | null): void;
  onAwareness(client: string, state: Uint8Array): void;
  onLost(): void;
  /** The server refuses it, and will do so again. */
  onRefused(error: ApiError): void;
}

const RETRY_FIRST_MILLIS = 300;
const RETRY_MAX_MILLIS = 8_000;
/** The server says something every 15 s; a network that is gone says nothing at all. */
const SILENT_MILLIS = 40_000;

/** Errors that pass: a server that starts, a proxy that lost it, too many streams. */
export function isPassing(error: unknown): boolean {
  if (!(error instanceof ApiError)) return true;
  return error.status === 0 || error.status === 408 || error.status === 429 || error.status >= 500;
}

/** Follows the changes until `ended`. */
export async function followChanges(events: StreamEvents, ended: AbortSignal): Promise<void> {
  let pause = RETRY_FIRST_MILLIS;
  while (!ended.aborted) {
    try {
      await readStream(events, ended, () => {
        pause = RETRY_FIRST_MILLIS;
      });
    } catch (error) {
      if (ended.aborted) return;
      if (!isPassing(error)) {
        events.onRefused(error as ApiError);
        return;
      }
    }
    if (ended.aborted) return;
    events.onLost();
    await sleep(pause * (0.75 + Math.random() / 2), ended);
    pause = Math.min(pause * 2, RETRY_MAX_MILLIS);
  }
}

async function readStream(events: StreamEvents, ended: AbortSignal, onOpen: () => void): Promise<void> {
  const silence = new AbortController();
  let timer = setTimeout(() => silence.abort(), SILENT_MILLIS);
  try {
    const response = await request(events.path(), { signal: AbortSignal.any([ended, silence.signal]) });
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    if (!reader) return;
    let text = "";
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      clearTimeout(timer);
      timer = setTimeout(() => silence.abort(), SILENT_MILLIS);
      const messages = (text + value).split("\n\n");
      text = messages.pop() ?? "";
      for (const message of messages) tell(events, message, onOpen);
    }
  } finally {
    clearTimeout(timer);
  }
}

function tell(events: StreamEvents, message: string, onOpen: () => void): void {
  const fields = new Map(
    message.split("\n").map((line) => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon), line.slice(colon + 1).trimStart()] as const;
    }),
  );
  const data = fields.get("data") ?? "null";
  switch (fields.get("event")) {
    case "hello":
      onOpen();
      events.onOpen();
      break;
    case "change": {
      const change = JSON.parse(data) as Schemas["ReportChange"];
      const isOwn = change.client === events.client;
      events.onChange(change.seq, isOwn || !change.update ? null : bytesOf(change.update));
      break;
    }
    case "awareness": {
      const { client, state } = JSON.parse(data) as Schemas["PageState"];
      events.onAwareness(client, bytesOf(state));
      break;
    }
  }
}

function bytesOf(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

/** Waits, but not longer than until it is ended. */
export function sleep(millis: number, ended: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, millis);
    ended.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
