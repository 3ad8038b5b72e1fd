/**
 * The pinned tooltip: it stays next to its chart, and its text can be scrolled, selected and copied.
 *
 * It is outside its panel, which would clip it. The keyboard focus moves into it from the chart, and back.
 */

import { lazy, Suspense, useEffect, useSyncExternalStore } from "react";
import { highlightedRun, pin, pinnedTip } from "@/charts/shared-state";
import { isOverlayOpen, isPageCovered, isPageKey } from "@/ui/keys/page-keys";

const PinnedBox = lazy(() => import("./pinned-box"));

export function PinnedTip() {
  const now = useSyncExternalStore(pinnedTip.subscribe, pinnedTip.get);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== "Escape" || pin.get() === null || !isPageKey(event)) return;
      if (isPageCovered() || isOverlayOpen()) return;
      event.preventDefault();
      unpin();
    };
    document.addEventListener("keydown", onKey);
    document.addEventListener("click", onTap);
    return () => {
      document.removeEventListener("keydown", onKey);
      document.removeEventListener("click", onTap);
      pin.set(null);
    };
  }, []);
  return <Suspense fallback={null}>{now && <PinnedBox of={now} onUnpin={unpin} />}</Suspense>;
}

/** A finger's tap outside of it closes the tooltip, which covers much of a phone's page; in its chart another place is pinned. */
function onTap(event: MouseEvent): void {
  const { target } = event;
  const tip = pinnedTip.get();
  // in full screen the values stand in the list: the panel below it has the tooltip, which covers nothing
  if (
    !tip ||
    tip.chart.closest("[data-covered]") ||
    (event as PointerEvent).pointerType !== "touch" ||
    !(target instanceof Element)
  )
    return;
  if (!target.closest(".tip.pinned") && !tip.chart.contains(target)) pin.set(null);
}

/** Close the tooltip; the keyboard focus returns from it to the chart. */
function unpin(): void {
  const tip = pinnedTip.get();
  if (tip && document.activeElement?.closest(".tip.pinned")) tip.chart.focus();
  pin.set(null);
  // the pointer may be on a row of the tooltip
  highlightedRun.set(null);
}
