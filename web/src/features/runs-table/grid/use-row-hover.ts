/** Marks the row under the pointer: its two parts, of which one stays at the left, look as one. No render. */

import { type RefObject, useEffect, useMemo, useRef } from "react";

const MARK = "data-hov";

export function useRowHover(scroller: RefObject<HTMLElement | null>) {
  const marked = useRef<Element[]>([]);
  const handlers = useMemo(() => {
    const clear = () => {
      for (const element of marked.current) element.removeAttribute(MARK);
      marked.current = [];
    };
    return {
      onPointerOver({ target }: { target: EventTarget }) {
        const row = (target as Element).closest<HTMLElement>("[data-index]");
        if (row && marked.current.includes(row)) return;
        clear();
        if (!row) return;
        const parts = scroller.current?.querySelectorAll(`[data-index="${row.dataset.index}"]`) ?? [];
        marked.current = [...parts];
        for (const element of marked.current) element.setAttribute(MARK, "");
      },
      onPointerLeave: clear,
    };
  }, [scroller]);
  // rows are used again: what was under the pointer may be another row now
  useEffect(() => {
    const element = scroller.current;
    const clear = handlers.onPointerLeave;
    element?.addEventListener("scroll", clear, { passive: true });
    return () => element?.removeEventListener("scroll", clear);
  }, [scroller, handlers]);
  return handlers;
}
