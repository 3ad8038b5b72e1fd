/** Takes what is typed while a window is still being loaded, so that its field begins with it. */

import { type RefObject, useLayoutEffect } from "react";

/** Text typed before the field was there. */
export interface EarlyText {
  text: string;
  /** Enter was pressed, too. */
  isEntered: boolean;
}

export function EarlyKeys({ typed, onClose }: { typed: RefObject<EarlyText>; onClose(): void }) {
  useLayoutEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const { text } = typed.current;
      if (event.key === "Escape") onClose();
      else if (event.key === "Enter") typed.current = { text, isEntered: true };
      else if (event.key === "Backspace") typed.current = { text: text.slice(0, -1), isEntered: false };
      else if (event.key.length === 1) typed.current = { text: text + event.key, isEntered: false };
      // neither the field that has the focus nor the page gets it
      event.preventDefault();
      event.stopPropagation();
    };
    window.addEventListener("keydown", onKey, true);
    return () => window.removeEventListener("keydown", onKey, true);
  }, [typed, onClose]);
  return null;
}
