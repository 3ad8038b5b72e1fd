/**
 * Keys that come between the opening of a menu and its focus are the menu's, and not of what had the focus before.
 */

import { useEffect } from "react";
import { TEXT_FIELDS } from "./page-keys";

const KEYS: ReadonlySet<string> = new Set(["Escape", "Enter", "ArrowUp", "ArrowDown", "Home", "End"]);

/** For the whole page, once. */
export function useEarlyMenuKeys(): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const had = document.activeElement;
      if (!KEYS.has(event.key) || !had || had.closest("[role=menu]") || had.matches(TEXT_FIELDS)) return;
      const menu = [...document.querySelectorAll<HTMLElement>("[role=menu]")].filter(isOpen).at(-1);
      menu?.focus();
      // one that is out of sight takes no focus
      if (!menu || document.activeElement !== menu) return;
      event.preventDefault();
      event.stopPropagation();
      menu.dispatchEvent(new KeyboardEvent("keydown", event));
    };
    document.addEventListener("keydown", onKey, true);
    return () => document.removeEventListener("keydown", onKey, true);
  }, []);
}

/** Whether its button says so: a menu that was closed is still on the page while it fades. */
function isOpen({ id }: HTMLElement): boolean {
  return document.querySelector(`[aria-controls="${id}"][aria-expanded="true"]`) !== null;
}
