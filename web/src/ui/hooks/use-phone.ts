/**
 * The page's width, and whether it is as narrow as a phone's or touched, for what a style sheet cannot say.
 */

import { useSyncExternalStore } from "react";

/** Narrower pages are laid out for a phone. Style sheets have the same number. */
const PHONE_PX = 700;
/** Height of what a finger touches. */
export const TOUCH_PX = 44;

// Node, where models are tested, has no `matchMedia`
const phone = globalThis.matchMedia?.(`(width < ${PHONE_PX}px)`);
const touch = globalThis.matchMedia?.(`(width < ${PHONE_PX}px), (pointer: coarse)`);

function subscriber(media: MediaQueryList | undefined): (notify: () => void) => () => void {
  return (notify) => {
    media?.addEventListener("change", notify);
    return () => media?.removeEventListener("change", notify);
  };
}
const subscribePhone = subscriber(phone);
const subscribeTouch = subscriber(touch);

export function isPhone(): boolean {
  return phone?.matches ?? false;
}

/** Whether a finger points: on a phone, turned or not, and on a tablet. */
export function isTouch(): boolean {
  return touch?.matches ?? false;
}

function subscribeWidth(notify: () => void): () => void {
  window.addEventListener("resize", notify);
  return () => window.removeEventListener("resize", notify);
}

/** Width of the page, px. */
export function usePageWidth(): number {
  return useSyncExternalStore(subscribeWidth, () => window.innerWidth);
}

export function usePhone(): boolean {
  return useSyncExternalStore(subscribePhone, isPhone);
}

/** Height of a list's rows: `px`, or more where they are touched. */
export function useRowPx(px: number): number {
  return useSyncExternalStore(subscribeTouch, isTouch) ? Math.max(px, TOUCH_PX) : px;
}
