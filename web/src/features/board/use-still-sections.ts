/**
 * The section under the pointer, else the first in view, held where it is while panels arrive in sections above it.
 */

import { type RefObject, useContext, useEffect, useLayoutEffect, useRef } from "react";
import type { Arrivals } from "@/data/board/arrivals";
import type { BoardLayout } from "@/data/board/layout";
import { ScrollRoot } from "@/panels/frame/use-in-view";

export function useStillSections(
  area: RefObject<HTMLElement | null>,
  layout: BoardLayout | null,
  arrivals: Arrivals,
): void {
  const root = useContext(ScrollRoot);
  const pointer = useRef<number | null>(null);
  const last = useRef<{ layout: BoardLayout | null; arrivals: Arrivals }>({ layout: null, arrivals });
  useEffect(() => {
    if (!root) return;
    const onMove = (event: PointerEvent) => {
      pointer.current = event.clientY;
    };
    const onLeave = () => {
      pointer.current = null;
    };
    root.addEventListener("pointermove", onMove, { passive: true });
    root.addEventListener("pointerleave", onLeave);
    return () => {
      root.removeEventListener("pointermove", onMove);
      root.removeEventListener("pointerleave", onLeave);
    };
  }, [root]);
  useLayoutEffect(() => {
    const before = last.current;
    last.current = { layout, arrivals };
    if (!root || !area.current || !layout || !before.layout || before.arrivals === arrivals) return;
    const top = area.current.getBoundingClientRect().top;
    const y = (pointer.current ?? root.getBoundingClientRect().top) - top;
    const held = before.layout.sections.find(({ box }) => box.y + box.height > y);
    const now = layout.sections.find(({ section }) => section.name === held?.section.name);
    if (held && now) root.scrollTop += now.box.y - held.box.y;
  }, [root, area, layout, arrivals]);
}
