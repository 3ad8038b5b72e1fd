/** Whether an element is in view, or so near that it soon is: only then its data is asked for and drawn. */

import { createContext, type RefObject, useContext, useLayoutEffect, useState } from "react";

/** Px beyond the edge that count as in view: about one row of panels. */
const AHEAD_PX = 280;

/** The element that panels scroll in. */
export const ScrollRoot = createContext<HTMLElement | null>(null);

/** True while a page is printed: all of it counts as in view. */
export const WholeInView = createContext(false);

/** True while the element is within reach of the view. */
export function useInView(ref: RefObject<HTMLElement | null>): boolean {
  const root = useContext(ScrollRoot);
  const isWhole = useContext(WholeInView);
  const [isInView, setInView] = useState(false);
  useLayoutEffect(() => {
    const element = ref.current;
    if (!element) return;
    // the observer tells it only after the next frame
    const { top, bottom } = element.getBoundingClientRect();
    const edges = root?.getBoundingClientRect() ?? { top: 0, bottom: window.innerHeight };
    setInView(bottom > edges.top - AHEAD_PX && top < edges.bottom + AHEAD_PX);
    const observer = new IntersectionObserver(
      (entries) => setInView(entries[entries.length - 1]?.isIntersecting ?? false),
      { root, rootMargin: `${AHEAD_PX}px 0px` },
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, [ref, root]);
  return isInView || isWhole;
}

/** The element's inner width, px; 0 before it is known. */
export function useWidth(ref: RefObject<HTMLElement | null>): number {
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const element = ref.current;
    if (!element) return;
    setWidth(element.clientWidth);
    const observer = new ResizeObserver(() => setWidth(element.clientWidth));
    observer.observe(element);
    return () => observer.disconnect();
  }, [ref]);
  return width;
}
