import { useLocation } from "@tanstack/react-router";
import { useEffect } from "react";

/** Scrolls to the heading or block that the address names, once it is there; then links on the page do by themselves. */
export function useHashTarget(scroll: HTMLElement | null): void {
  const hash = useLocation({ select: (location) => location.hash });
  useEffect(() => {
    if (!scroll || hash === "") return;
    // the page may have an element of the same id elsewhere
    scroll.querySelector(`[id="${CSS.escape(hash)}"]`)?.scrollIntoView();
  }, [scroll, hash]);
}
