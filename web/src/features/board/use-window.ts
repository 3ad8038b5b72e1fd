/**
 * The part of a board near the view, in steps: scrolling renders once in a few hundred px, not each frame.
 */

import { type RefObject, useContext, useLayoutEffect, useState } from "react";
import { ScrollRoot } from "@/panels/frame/use-in-view";
import { notePace } from "./pace";

export interface BoardWindow {
  readonly top: number;
  readonly bottom: number;
}

const STEP_PX = 160;
/** Panels exist so far outside of the view; each tells by itself when it is near enough to be drawn. */
const AHEAD_PX = 480;

/** Px of the board, from its upper edge. */
export function useWindow(board: RefObject<HTMLElement | null>): BoardWindow {
  const root = useContext(ScrollRoot);
  const [window, setWindow] = useState<BoardWindow>({ top: 0, bottom: 0 });
  useLayoutEffect(() => {
    const element = board.current;
    if (!root || !element) return;
    // known beforehand: asking the page where things are, in each frame, makes it lay them out
    let offset = 0;
    let height = 0;
    const look = () => {
      const from = root.scrollTop - offset;
      const top = Math.floor((from - AHEAD_PX) / STEP_PX) * STEP_PX;
      const bottom = Math.ceil((from + height + AHEAD_PX) / STEP_PX) * STEP_PX;
      setWindow((before) => (before.top === top && before.bottom === bottom ? before : { top, bottom }));
    };
    const measure = () => {
      const topPx = element.getBoundingClientRect().top - root.getBoundingClientRect().top;
      offset = topPx + root.scrollTop;
      height = root.clientHeight;
      look();
    };
    const onScroll = () => {
      notePace(root.scrollTop);
      look();
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(root);
    root.addEventListener("scroll", onScroll, { passive: true });
    return () => {
      observer.disconnect();
      root.removeEventListener("scroll", onScroll);
    };
  }, [root, board]);
  return window;
}
