import { type RefObject, useContext, useEffect, useState } from "react";
import { ScrollRoot, WholeInView } from "@/panels/frame/use-in-view";

/** Px beyond the edge that count as in view: the data of a grid is there when it is scrolled to. */
const AHEAD_PX = 600;

/** Whether an element is in view, or was. One in a closed part of the page is not. */
export function useSeen(ref: RefObject<HTMLElement | null>): boolean {
  const root = useContext(ScrollRoot);
  const isWhole = useContext(WholeInView);
  const [isInView, setSeen] = useState(false);
  const isSeen = isInView || isWhole;
  useEffect(() => {
    const element = ref.current;
    if (!element || isSeen) return;
    const observer = new IntersectionObserver(
      (entries) => {
        if (entries.some(({ isIntersecting }) => isIntersecting)) setSeen(true);
      },
      { root, rootMargin: `${AHEAD_PX}px 0px` },
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, [ref, root, isSeen]);
  return isSeen;
}
