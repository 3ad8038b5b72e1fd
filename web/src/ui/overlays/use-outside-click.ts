/** Drops the click that closes a window at a button: a finger's on anything, the mouse's on rows that lead away. */

import { useEffect } from "react";
import { isPhone } from "../hooks/use-phone";

/** Windows, messages, and the button that closes its window itself. */
const INSIDE = "[role=dialog], [data-position], .toasts, [aria-haspopup][aria-expanded=true]";

export function useOutsideClick(isOpened: boolean): void {
  useEffect(() => {
    if (!isOpened) return;
    // of this window alone: one inside it closes first
    const onDown = (event: PointerEvent) => isOutside(event) && dropClick();
    document.addEventListener("pointerdown", onDown, true);
    return () => document.removeEventListener("pointerdown", onDown, true);
  }, [isOpened]);
}

function isOutside({ target, pointerType }: PointerEvent): boolean {
  const element = target as Element;
  if (element.closest(INSIDE)) return false;
  if (pointerType === "touch" || isPhone()) return true;
  return element.closest("[role=row], tr") !== null && !element.closest("button, input, label");
}

function dropClick(): void {
  const once = { capture: true, once: true };
  const drop = (click: MouseEvent) => {
    // else a key's
    if (click.detail === 0) return;
    click.preventDefault();
    click.stopPropagation();
  };
  document.addEventListener("click", drop, once);
  // a drag ends without a click
  document.addEventListener("pointerdown", () => document.removeEventListener("click", drop, true), once);
}
