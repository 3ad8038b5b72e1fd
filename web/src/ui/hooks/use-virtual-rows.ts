/** A scrolled list that draws only its rows in sight. */

import { useVirtualizer, type Virtualizer } from "@tanstack/react-virtual";
import { useEffect, useLayoutEffect, useRef } from "react";
import { useRowPx } from "./use-phone";

/** @param px the height of a row, which is higher on a phone */
export function useVirtualRows<Scroller extends HTMLElement = HTMLDivElement>(
  count: number,
  px: number,
  overscan = 12,
) {
  const scroll = useRef<Scroller>(null);
  const rowPx = useRowPx(px);
  const list = useVirtualizer({
    count,
    getScrollElement: () => scroll.current,
    estimateSize: () => rowPx,
    overscan,
  });
  // the list remembers where its rows are until it is told that they are of another height
  // biome-ignore lint/correctness/useExhaustiveDependencies: whenever the height is another one
  useLayoutEffect(() => list.measure(), [rowPx, list]);
  return { scroll, list, rowPx };
}

/** Scroll to the chosen row once it is in the list; `at` is its index, below 0 while it is not. */
export function useChosenInSight(
  list: Pick<Virtualizer<HTMLElement, Element>, "scrollToIndex">,
  at: number,
  chosen: string | null,
) {
  const isThere = at >= 0;
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when the chosen row comes into the list
  useEffect(() => {
    if (isThere) list.scrollToIndex(at, { align: "auto" });
  }, [isThere, chosen, list]);
}
