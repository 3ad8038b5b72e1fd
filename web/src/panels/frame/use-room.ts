import { type RefObject, useEffect, useState } from "react";

export interface Room {
  readonly width: number;
  readonly height: number;
}

/** The room of an element for its content, px; zero before it is known. */
export function useRoom(ref: RefObject<HTMLElement | null>): Room {
  const [room, setRoom] = useState<Room>({ width: 0, height: 0 });
  useEffect(() => {
    const element = ref.current;
    if (!element) return;
    const sizes = new ResizeObserver(([entry]) => entry && setRoom(entry.contentRect));
    sizes.observe(element);
    return () => sizes.disconnect();
  }, [ref]);
  return room;
}
