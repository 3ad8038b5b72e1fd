/**
 * The scrolled place of an element, kept by entry of the browser's history: back and forward lead to where one was.
 *
 * An entry is known by its index in the history, which stays when the page writes its state into the address.
 */

interface Place {
  readonly top: number;
  readonly left: number;
}

/** What the router writes into each entry. */
interface EntryState {
  readonly __TSR_index?: number;
}

/** Content that is not as high as it was by then is not waited for any longer. */
const WAIT_MILLIS = 5000;
/** So long a place must hold: content that comes in parts may move it. */
const STILL_MILLIS = 1000;
const NEAR_PX = 1;
/** What a person does: then the place is theirs. */
const ACTS = ["wheel", "pointerdown", "touchstart", "keydown"] as const;

const places = new Map<string, Place>();
/** The index of the entry that back or forward has led to. */
let visited: number | null = null;

function indexNow(): number {
  return (window.history.state as EntryState | null)?.__TSR_index ?? 0;
}

/** Tells that an entry of the history is shown: a new one, or by back or forward one of before. */
export function noteVisit(isNew: boolean): void {
  visited = isNew ? null : indexNow();
}

/** Notes where `element` is scrolled to, and scrolls it there where its entry is visited again. Ends with the returned call. */
export function keepScroll(element: HTMLElement, name: string): () => void {
  const keyNow = () => `${indexNow()} ${window.location.pathname} ${name}`;
  const place = visited === indexNow() ? places.get(keyNow()) : undefined;
  places.delete(keyNow());
  let stopRestoring = place ? restore(element, place, () => note()) : null;
  const note = () => {
    stopRestoring = null;
    places.set(keyNow(), { top: element.scrollTop, left: element.scrollLeft });
  };
  if (place) places.set(keyNow(), place);
  const onScroll = () => {
    if (stopRestoring === null) note();
  };
  element.addEventListener("scroll", onScroll, { passive: true });
  return () => {
    element.removeEventListener("scroll", onScroll);
    stopRestoring?.();
  };
}

/** Scrolls to a place as soon as the content reaches so far. */
function restore(element: HTMLElement, { top, left }: Place, onEnd: () => void): () => void {
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
