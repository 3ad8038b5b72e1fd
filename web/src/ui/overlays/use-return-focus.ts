/** Gives the focus of a menu or a dialog that closes back to the element that had it before. */

import { useEffect } from "react";

const MENU = "[data-menu-dropdown], [data-menu-dropdown] *";

/**
 * The focus goes back before the page's own effects run: a field that an item of the menu opens takes it afterwards.
 * Mantine's way, which waits 10 ms, takes it away from such a field, and knows nothing of a dialog that is unmounted.
 *
 * @param inside selects what is open, with all that is in it: a focus elsewhere stays
 */
export function useReturnFocus(isOpened: boolean, inside = MENU): void {
  useEffect(() => {
    if (!isOpened) return;
    const before = document.activeElement;
    return () => {
      if (document.activeElement?.matches(`body, ${inside}`))
        (before as HTMLElement | null)?.focus({ preventScroll: true });
    };
  }, [isOpened, inside]);
}
