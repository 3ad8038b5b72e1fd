import { type TouchEvent, useRef } from "react";

/** A shorter way is a tap. */
const LEAST_PX = 48;
/** A slower finger drags something. */
const MOST_MILLIS = 400;

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

/**
 * Handlers for flicks of one finger over an element.
 *
 * @param onSwipe is given 1 for a flick to the left, which leads on, and -1 for one back
 */
export function useSwipe(onSwipe: (step: 1 | -1) => void) {
  const start = useRef<{ x: number; y: number; millis: number } | null>(null);
  return {
    onTouchStart({ target, currentTarget, touches, timeStamp }: TouchEvent) {
      const { clientX: x, clientY: y } = touches[0]!;
      start.current = touches.length === 1 ? { x, y, millis: timeStamp } : null;
      for (let at: Element | null = target as Element; at && at !== currentTarget; at = at.parentElement)
        if (isDragged(at)) start.current = null;
    },
    onTouchEnd({ changedTouches, timeStamp }: TouchEvent) {
      if (!start.current) return;
      const x = changedTouches[0]!.clientX - start.current.x;
      const y = changedTouches[0]!.clientY - start.current.y;
      const isFast = timeStamp - start.current.millis < MOST_MILLIS;
      start.current = null;
      if (isFast && Math.abs(x) > Math.max(LEAST_PX, 2 * Math.abs(y))) onSwipe(x < 0 ? 1 : -1);
    },
  };
}
