/**
 * Rows of runs stay in their places while one is edited, or the pointer is over them: a new run above, or a metric
 * that they are sorted by, would otherwise move another run under the pointer.
 */

import { useEffect, useRef } from "react";

/**
 * Handlers of the element that scrolls the rows.
 *
 * @param onHold stable
 * @param restMillis a pointer that rests this long is forgotten; without it, when it leaves
 */
export function useHolding(onHold: (isHeld: boolean) => void, isEditing: boolean, restMillis?: number) {
  const isOver = useRef(false);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => {
    if (!isEditing) return;
    onHold(true);
    return () => {
      if (!isOver.current) onHold(false);
    };
  }, [onHold, isEditing]);
  useEffect(() => () => clearTimeout(timer.current), []);
  const end = () => {
    clearTimeout(timer.current);
    isOver.current = false;
    onHold(isEditing);
  };
  return {
    onPointerMove() {
      clearTimeout(timer.current);
      if (restMillis !== undefined) timer.current = setTimeout(end, restMillis);
      isOver.current = true;
      onHold(true);
    },
    onPointerLeave: end,
  };
}
