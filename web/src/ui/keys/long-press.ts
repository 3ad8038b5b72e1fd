/**
 * A finger that rests on something, where a mouse has boxes and modifier keys.
 */

import type { PointerEvent } from "react";

/** Before the browser's own menu. */
const HOLD_MILLIS = 400;
/** A finger that moves farther scrolls. */
const STILL_PX = 10;

let isHeld = false;

/** Does `act` once the finger has rested; `pointerdown` begins it. */
export function beginHold({ pointerType, isPrimary, clientX, clientY }: PointerEvent, act: () => void): void {
  isHeld = false;
  if (pointerType !== "touch" || !isPrimary) return;
  const ended = new AbortController();
  const timer = setTimeout(() => {
    isHeld = true;
    act();
  }, HOLD_MILLIS);
  const end = () => {
    clearTimeout(timer);
    ended.abort();
  };
  const options = { signal: ended.signal, capture: true };
  const onMove = (event: globalThis.PointerEvent) => {
    if (Math.hypot(event.clientX - clientX, event.clientY - clientY) > STILL_PX) end();
  };
  window.addEventListener("pointermove", onMove, options);
  for (const name of ["pointerup", "pointercancel"]) window.addEventListener(name, end, options);
}

/** Whether the press that a click or a menu comes from has been a long one. */
export function wasHeld(): boolean {
  return isHeld;
}
