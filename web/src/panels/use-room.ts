/**
 * How much room an element has for its content, px.
 */

import { type RefObject, useLayoutEffect, useState } from "react";

export interface Room {
  readonly width: number;
  readonly height: number;
}

/** Zero until the element is there. */
export function useRoom(ref: RefObject<HTMLElement | null>): Room {
  const [room, setRoom] = useState<Room>({ width: 0, height: 0 });
  useLayoutEffect(() => {
    const element = ref.current;
    if (!element) return;
    const measure = () => {
      const style = getComputedStyle(element);
      const px = (...names: string[]) =>
        names.reduce((sum, name) => sum + Number.parseFloat(style.getPropertyValue(name)), 0);
      const width = element.clientWidth - px("padding-left", "padding-right");
      const height = element.clientHeight - px("padding-top", "padding-bottom");
      setRoom((before) => (before.width === width && before.height === height ? before : { width, height }));
    };
    measure();
    const sizes = new ResizeObserver(measure);
    sizes.observe(element);
    return () => sizes.disconnect();
  }, [ref]);
  return room;
}
