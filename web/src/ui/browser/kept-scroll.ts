/**
 * The scroll position of an element, kept by entry of the browser's history and restored by back, forward and a reload.
 *
 * An entry is known by its index in the history, which stays when the page writes its state into the address. Positions
 * outlive the document in the session of its tab.
 */

interface ScrollPosition {
  readonly top: number;
  readonly left: number;
}

/** The state that the router writes into each entry. */
interface EntryState {
  readonly __TSR_index?: number;
}

/** The longest wait for content to become as high as it was. */
const WAIT_MILLIS = 5000;
/** Time for which the position must hold: content that arrives in parts may move it. */
const STILL_MILLIS = 1000;
const NEAR_PX = 1;
/** Acts of a person, which end the restoring. */
const ACTS = ["wheel", "pointerdown", "touchstart", "keydown"] as const;

const STORED = "weft.scroll";
/** Positions that the session of a tab stores, the newest. */
const MOST_STORED = 100;

const positions = readPositions();
/** The index of the entry that back, forward or a reload has led to. */
let visited: number | null = isReturn() ? indexNow() : null;
window.addEventListener("pagehide", storePositions);
// a phone may discard a hidden page without another word
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "hidden") storePositions();
});

/** Whether the document is loaded for an entry of before. */
function isReturn(): boolean {
  const [navigation] = performance.getEntriesByType?.("navigation") ?? [];
  const type = (navigation as PerformanceNavigationTiming | undefined)?.type;
  return type === "reload" || type === "back_forward";
}

function readPositions(): Map<string, ScrollPosition> {
  try {
    return new Map(JSON.parse(sessionStorage.getItem(STORED) ?? "[]"));
  } catch {
    return new Map();
  }
}

function storePositions(): void {
  try {
    sessionStorage.setItem(STORED, JSON.stringify([...positions].slice(-MOST_STORED)));
  } catch {
    // private mode, or full: a reload begins at the top
  }
}

function indexNow(): number {
  return (window.history.state as EntryState | null)?.__TSR_index ?? 0;
}

/** Tells that an entry of the history is shown: a new one, or by back or forward one of before. */
export function noteVisit(isNew: boolean): void {
  visited = isNew ? null : indexNow();
}

/** Keep the scroll position of `element`, and restore it where its entry is visited again. Returns a function that ends this. */
export function keepScroll(element: HTMLElement, name: string): () => void {
  const keyNow = () => `${indexNow()} ${window.location.pathname} ${name}`;
  const position = visited === indexNow() ? positions.get(keyNow()) : undefined;
  positions.delete(keyNow());
  let stopRestoring = position ? restore(element, position, () => note()) : null;
  const note = () => {
    stopRestoring = null;
    const key = keyNow();
    // the newest are last
    positions.delete(key);
    positions.set(key, { top: element.scrollTop, left: element.scrollLeft });
  };
  if (position) positions.set(keyNow(), position);
  const onScroll = () => {
    if (stopRestoring === null) note();
  };
  element.addEventListener("scroll", onScroll, { passive: true });
  return () => {
    element.removeEventListener("scroll", onScroll);
    stopRestoring?.();
  };
}

/** Scroll to a position as soon as the content is high enough. */
function restore(element: HTMLElement, { top, left }: ScrollPosition, onEnd: () => void): () => void {
  const from = performance.now();
  let since = from;
  let frame = 0;
  const stop = () => {
    cancelAnimationFrame(frame);
    for (const act of ACTS) window.removeEventListener(act, end, true);
  };
  const end = () => {
    stop();
    onEnd();
  };
  const follow = (now: number) => {
    const isThere = Math.abs(element.scrollTop - top) <= NEAR_PX;
    if (!isThere) {
      since = now;
      if (element.scrollHeight - element.clientHeight >= top - NEAR_PX) element.scrollTo({ top, left });
    }
    if (now - since > STILL_MILLIS || now - from > WAIT_MILLIS) end();
    else frame = requestAnimationFrame(follow);
  };
  for (const act of ACTS) window.addEventListener(act, end, { capture: true, passive: true });
  frame = requestAnimationFrame(follow);
  return stop;
}
