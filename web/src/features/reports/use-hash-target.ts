import { useLocation } from "@tanstack/react-router";
import { useEffect } from "react";

/** Time for which the target must hold still: blocks above it get their heights as they come into sight. */
const STILL_MILLIS = 400;
const WAIT_MILLIS = 4000;
/** Acts of a person, which end the scrolling. */
const ACTS = ["wheel", "pointerdown", "touchstart", "keydown"] as const;

/** Scrolls to the heading or block that the address names, once it is there; then links on the page do by themselves. */
export function useHashTarget(scroll: HTMLElement | null): void {
  const hash = useLocation({ select: (location) => location.hash });
  useEffect(() => {
    if (!scroll || hash === "") return;
    // the page may have an element of the same id elsewhere
    const target = scroll.querySelector(`[id="${CSS.escape(hash)}"]`);
    return target ? holdInSight(target) : undefined;
  }, [scroll, hash]);
}

/** Scrolls to an element until it stays where it is. Returns a function that ends this. */
function holdInSight(target: Element): () => void {
  const from = performance.now();
  let since = from;
  let top = Number.NaN;
  let frame = 0;
  const stop = () => {
    cancelAnimationFrame(frame);
    for (const act of ACTS) window.removeEventListener(act, stop, true);
  };
  const follow = (now: number) => {
    target.scrollIntoView();
    const next = target.getBoundingClientRect().top;
    if (next !== top) since = now;
    top = next;
    if (now - since > STILL_MILLIS || now - from > WAIT_MILLIS) stop();
    else frame = requestAnimationFrame(follow);
  };
  for (const act of ACTS) window.addEventListener(act, stop, { capture: true, passive: true });
  target.scrollIntoView();
  frame = requestAnimationFrame(follow);
  return stop;
}
