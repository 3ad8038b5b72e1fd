/**
 * One event stream per browser and project, however many tabs look at it.
 *
 * The tab that holds the lock `weft-live:…` opens the stream and passes on what it hears over a
 * BroadcastChannel; when it closes, the next tab takes the lock. Without locks (plain http to another
 * machine) each tab opens its own. Feeds `live.ts`.
 */

import { projectPath } from "../client";
import { sightMark } from "../people/sight";
import type { Change, ProjectRef } from "../types";

/** Whether changes arrive; `lost` also means that some may have been missed. */
export type LinkState = "connecting" | "open" | "lost";

/** Mark of the last change of a project; equal marks: nothing has changed in between. */
type Mark = string;

/** From here on a stream is (again) complete. */
interface Hello {
  /** Of the last change before. */
  readonly mark: Mark;
  /** When that was, as `Date.now()`. */
  readonly changedAt: number;
}

/** Events that a tab receives. */
export interface LinkEvents {
  onState(state: LinkState): void;
  onChange(change: Change, mark: Mark): void;
  onHello(hello: Hello): void;
}

type Message =
  | { kind: "state"; state: LinkState }
  | { kind: "change"; change: Change; mark: Mark }
  | { kind: "hello"; hello: Hello }
  | { kind: "who" };

const RETRY_FIRST_MILLIS = 500;
const RETRY_MAX_MILLIS = 8_000;
/** The server says something every 15 s; a network that is gone says nothing at all. */
const SILENT_MILLIS = 40_000;
const GRACE_MILLIS = 1000;

/** Start listening to a project; returns the function that ends it. */
export function openLink(ref: ProjectRef, events: LinkEvents): () => void {
  // a stream of another view has other changes
  const name = `weft-live:${ref.entity}/${ref.project}${sightMark() ?? ""}`;
  const channel = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel(name);
  const ended = new AbortController();
  let state: LinkState = "connecting";
  let leads = false;
  let latest: Hello | null = null;

  const hear = (message: Message) => {
    if (message.kind === "state") {
      state = message.state;
      events.onState(state);
    } else if (message.kind === "change") {
      latest = { mark: message.mark, changedAt: Date.now() };
      events.onChange(message.change, message.mark);
    } else if (message.kind === "hello") {
      latest = message.hello;
      events.onHello(message.hello);
    }
  };
  const tell = (message: Message) => {
    hear(message);
    channel?.postMessage(message);
  };
  if (channel) {
    channel.onmessage = ({ data }: MessageEvent<Message>) => {
      if (data.kind === "who") {
        if (!leads) return;
        channel.postMessage({ kind: "state", state } satisfies Message);
        if (state === "open" && latest)
          channel.postMessage({ kind: "hello", hello: latest } satisfies Message);
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
    let server = "";
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
      timer = setTimeout(() => {
        // a tab that was busy all the time hears now what came meanwhile
        timer = setTimeout(lose, GRACE_MILLIS);
      }, SILENT_MILLIS);
    };
    const open = () => {
      hear();
      source = new EventSource(url);
      source.addEventListener("still", hear);
      source.addEventListener("hello", (event) => {
        hear();
        pause = RETRY_FIRST_MILLIS;
        tell({ kind: "state", state: "open" });
        const message = JSON.parse(event.data) as {
          server: string;
          now_micros: number;
          changed_micros: number;
        };
        server = message.server;
        const ago =
          message.changed_micros === 0 ? Infinity : (message.now_micros - message.changed_micros) / 1000;
        const hello = { mark: `${server} ${message.changed_micros}`, changedAt: Date.now() - ago };
        tell({ kind: "hello", hello });
      });
      source.addEventListener("change", (event) => {
        hear();
        const mark = `${server} ${event.lastEventId}`;
        tell({ kind: "change", change: JSON.parse(event.data) as Change, mark });
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
