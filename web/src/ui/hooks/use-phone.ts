/**
 * Whether the page is as narrow as a phone's, for what a style sheet cannot say.
 */

import { useSyncExternalStore } from "react";

/** Narrower pages are laid out for a phone. Style sheets have the same number. */
const PHONE_PX = 700;
/** Height of what a finger touches. */
export const TOUCH_PX = 44;

// Node, where models are tested, has no `matchMedia`
const phone = globalThis.matchMedia?.(`(width < ${PHONE_PX}px)`);

function subscribe(notify: () => void): () => void {
  phone.addEventListener("change", notify);
  return () => phone.removeEventListener("change", notify);
}

export function isPhone(): boolean {
  return phone?.matches ?? false;
}

export function usePhone(): boolean {
  return useSyncExternalStore(subscribe, isPhone);
}

/** Height of a list's rows: `px`, or more where they are touched. */
export function useRowPx(px: number): number {
  return usePhone() ? Math.max(px, TOUCH_PX) : px;
}
