/** A time told relative to now, exact on hover; all of them tick together. */

import { useSyncExternalStore } from "react";
import { formatAgo, formatExact } from "@/data/text/format";

const TICK_MILLIS = 10_000;

let now = Date.now();
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | null = null;

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    now = Date.now();
    for (const tell of listeners) tell();
  }, TICK_MILLIS);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0 && timer) {
      clearInterval(timer);
      timer = null;
    }
  };
}

/** The time of now; it is not updated while no text shows it. */
function readNow(): number {
  // in steps: another time when they subscribe would render all texts twice
  if (!timer && Date.now() - now >= TICK_MILLIS) now = Date.now();
  return now;
}

/** The current time, ms, in steps of ten seconds. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, readNow);
}

/** A time as its distance from now; with `suffix` as in "3 d ago". */
export function Ago({ micros, suffix = "" }: { micros: number; suffix?: string }) {
  const text = formatAgo(micros, useNow());
  return (
    <time
      dateTime={new Date(micros / 1000).toISOString()}
      // in the local format, whose data takes longer to load than a page of times to render
      onPointerEnter={({ currentTarget }) => {
        currentTarget.title = formatExact(micros);
      }}
    >
      {text === "now" ? text : text + suffix}
    </time>
  );
}
