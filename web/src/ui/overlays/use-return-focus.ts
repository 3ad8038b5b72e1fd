/** Gives the focus of a menu or a dialog that closes back to the element that had it before. */

import { useEffect } from "react";

const MENU = "[data-menu-dropdown], [data-menu-dropdown] *";

/**
 * The focus goes back before the page's own effects run: a field that an item of the menu opens takes it afterwards.
 * Mantine's way, which waits 10 ms, takes it away from such a field, and knows nothing of a dialog that is unmounted.
 *
 * Of a dialog it goes back after the key that closed it: Enter in a field would press the button that had the focus before.
 *
 * @param dialog selects the dialog that is open, with all that is in it; without it, a menu is. A focus elsewhere stays
 */
export function useReturnFocus(isOpened: boolean, dialog?: string): void {
  useEffect(() => {
    if (!isOpened) return;
    const before = document.activeElement;
    const giveBack = () => {
      if (document.activeElement?.matches(`body, ${dialog ?? MENU}`))
        (before as HTMLElement | null)?.focus({ preventScroll: true });
    };
    return () => {
      if (dialog) setTimeout(giveBack);
      else giveBack();
    };
  }, [isOpened, dialog]);
}
