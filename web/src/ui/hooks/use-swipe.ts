import { type TouchEvent, useRef } from "react";

/** A shorter way is a tap. */
const LEAST_PX = 48;
/** A slower finger drags something. */
const MOST_MILLIS = 400;

const DISTANCE = "--swipe-px";

/** Whether a finger that moves on an element moves something in it. */
function isDragged(element: Element): boolean {
  const { touchAction, overflowX } = getComputedStyle(element);
  const scrolls = overflowX === "auto" || overflowX === "scroll";
  return (
    touchAction === "none" ||
    element.matches("input") ||
    (scrolls && element.scrollWidth > element.clientWidth)
  );
}

/** Part of the element's width that a slow finger has to go. */
const FAR = 1 / 3;

interface SwipeOptions {
  /**
   * What is swiped goes with the finger: the element has the distance as `--swipe-px`, and a slow finger leads on, too,
   * from a third of its width.
   */
  readonly isFollowed?: boolean;
}

/**
 * Handlers for flicks of one finger over an element, not over a window that a component inside opens elsewhere.
 *
 * @param onSwipe is given 1 for a flick to the left, which leads on, and -1 for one back
 */
export function useSwipe(onSwipe: (step: 1 | -1) => void, { isFollowed = false }: SwipeOptions = {}) {
  const start = useRef<{ x: number; y: number; millis: number } | null>(null);
  const end = (element: HTMLElement) => {
    start.current = null;
    element.style.removeProperty(DISTANCE);
  };
  const handlers = {
    onTouchStart({ target, currentTarget, touches, timeStamp }: TouchEvent<HTMLElement>) {
      const { clientX: x, clientY: y } = touches[0]!;
      end(currentTarget);
      // React's events also come from such a window; to stop them there would keep it from scrolling
      if (!currentTarget.contains(target as Element)) return;
      start.current = touches.length === 1 ? { x, y, millis: timeStamp } : null;
      for (let at: Element | null = target as Element; at && at !== currentTarget; at = at.parentElement)
        if (isDragged(at)) start.current = null;
    },
    onTouchEnd({ currentTarget, changedTouches, timeStamp }: TouchEvent<HTMLElement>) {
      if (!start.current) return;
      const x = changedTouches[0]!.clientX - start.current.x;
      const y = changedTouches[0]!.clientY - start.current.y;
      const isFast = timeStamp - start.current.millis < MOST_MILLIS;
      const isFar = isFollowed && Math.abs(x) > currentTarget.clientWidth * FAR;
      end(currentTarget);
      if ((isFast || isFar) && Math.abs(x) > Math.max(LEAST_PX, 2 * Math.abs(y))) onSwipe(x < 0 ? 1 : -1);
    },
  };
  if (!isFollowed) return handlers;
  return {
    ...handlers,
    onTouchMove({ currentTarget, touches }: TouchEvent<HTMLElement>) {
      if (!start.current) return;
      const x = touches[0]!.clientX - start.current.x;
      const y = touches[0]!.clientY - start.current.y;
      const isAcross = Math.abs(x) > 2 * Math.abs(y);
      currentTarget.style.setProperty(DISTANCE, isAcross ? `${x}px` : "0px");
    },
    onTouchCancel({ currentTarget }: TouchEvent<HTMLElement>) {
      end(currentTarget);
    },
  };
}
