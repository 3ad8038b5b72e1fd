/** Gives the focus of a menu that closes back to the element that had it before. */

import { useEffect } from "react";

/**
 * The focus goes back before the page's own effects run: a field that an item of the menu opens takes it afterwards.
 * Mantine's way, which waits 10 ms, takes it away from such a field.
 */
export function useReturnFocus(isOpened: boolean): void {
  useEffect(() => {
    if (!isOpened) return;
    const before = document.activeElement;
    return () => {
      const isInMenu = document.activeElement?.matches("body, [data-menu-dropdown], [data-menu-dropdown] *");
      if (isInMenu) (before as HTMLElement | null)?.focus({ preventScroll: true });
    };
  }, [isOpened]);
}
