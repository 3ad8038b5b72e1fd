/** Shortcuts of a page: keys that are pressed alone, in no field. */

import { useEffectEvent, useLayoutEffect } from "react";
import { isPageCovered, isPageKey } from "./page-keys";

/** `act` is told each such key while mounted and in sight, and says whether it has taken it. */
export function usePageKeys(act: (key: string) => boolean): void {
  const onKey = useEffectEvent((event: KeyboardEvent) => {
    if (isPageKey(event) && !isPageCovered() && act(event.key)) event.preventDefault();
  });
  // with the page: a key that is pressed as soon as it is seen counts
  useLayoutEffect(() => {
    const listener = (event: KeyboardEvent) => onKey(event);
    document.addEventListener("keydown", listener);
    return () => document.removeEventListener("keydown", listener);
  }, []);
}
