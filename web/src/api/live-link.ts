/**
 * One event stream per browser and project, however many tabs look at it.
 *
 * The tab that holds the lock `weft-live:…` opens the stream and passes on what it hears over a
 * BroadcastChannel; when it closes, the next tab takes the lock. Without locks (plain http to another
 * machine) each tab opens its own. Feeds `live.ts`.
 */

import { projectPath } from "./client";
import type { Change, ProjectRef } from "./types";

/** Whether changes arrive; `lost` also means that some may have been missed. */
export type LinkState = "connecting" | "open" | "lost";

/** What a tab hears. */
export interface LinkEvents {
  onState(state: LinkState): void;
  onChange(change: Change): void;
  /** The stream is (again) complete from here on; `server` tells servers apart. */
  onHello(server: string): void;
}

type Message =
  | { kind: "state"; state: LinkState }
  | { kind: "change"; change: Change }
  | { kind: "hello"; server: string }
  | { kind: "who" };

const RETRY_FIRST_MILLIS = 500;
const RETRY_MAX_MILLIS = 8_000;
/** The server says something every 15 s; a network that is gone says nothing at all. */
const SILENT_MILLIS = 40_000;

/** Start listening to a project; returns the function that ends it. */
export function openLink(ref: ProjectRef, events: LinkEvents): () => void {
  const name = `weft-live:${ref.entity}/${ref.project}`;
  const channel = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel(name);
  const ended = new AbortController();
  let state: LinkState = "connecting";
  let leads = false;

  const hear = (message: Message) => {
    if (message.kind === "state") {
      state = message.state;
      events.onState(state);
    } else if (message.kind === "change") events.onChange(message.change);
    else if (message.kind === "hello") events.onHello(message.server);
  };
  const tell = (message: Message) => {
    hear(message);
    channel?.postMessage(message);
  };
  if (channel) {
    channel.onmessage = ({ data }: MessageEvent<Message>) => {
      if (data.kind === "who") {
        if (leads) channel.postMessage({ kind: "state", state } satisfies Message);
      } else if (!leads) hear(data);
    };
    channel.postMessage({ kind: "who" } satisfies Message);
  }

  const lead = () => {
    leads = true;
    return streamUntil(ended.signal, `/api/v1${projectPath(ref)}/events`, tell);
  };
  if (channel && navigator.locks) {
    navigator.locks.request(name, { signal: ended.signal }, lead).catch((error: unknown) => {
      if (!ended.signal.aborted) throw error;
    });
  } else void lead();

  return () => {
    ended.abort();
    channel?.close();
  };
}

/** Keep an event stream open until `ended`, with growing pauses between attempts. */
function streamUntil(ended: AbortSignal, url: string, tell: (message: Message) => void): Promise<void> {
  return new Promise((resolve) => {
    let source: EventSource | null = null;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let pause = RETRY_FIRST_MILLIS;
    const lose = () => {
      // own retries: the browser's give up on any answer that is no stream
      source?.close();
      tell({ kind: "state", state: "lost" });
      clearTimeout(timer);
      timer = setTimeout(open, pause);
      pause = Math.min(pause * 2, RETRY_MAX_MILLIS);
    };
    const hear = () => {
      clearTimeout(timer);
      timer = setTimeout(lose, SILENT_MILLIS);
    };
    const open = () => {
      hear();
      source = new EventSource(url);
      source.addEventListener("still", hear);
      source.addEventListener("hello", (event) => {
        hear();
        pause = RETRY_FIRST_MILLIS;
        tell({ kind: "state", state: "open" });
        tell({ kind: "hello", server: (JSON.parse(event.data) as { server: string }).server });
      });
      source.addEventListener("change", (event) => {
        hear();
        tell({ kind: "change", change: JSON.parse(event.data) as Change });
      });
      source.onerror = lose;
    };
    const end = () => {
      clearTimeout(timer);
      source?.close();
      resolve();
    };
    if (ended.aborted) return resolve();
    ended.addEventListener("abort", end, { once: true });
    open();
  });
}
