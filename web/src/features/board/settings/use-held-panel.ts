/**
 * The panel whose settings are open, held where it is: the settings next to the board make it narrower, which puts
 * fewer panels in a row, and those further down elsewhere. When the settings close, it is held once more.
 */

import { type RefObject, useContext, useEffect, useLayoutEffect, useRef, useState } from "react";
import type { BoardLayout, HeldPanel } from "@/data/board/layout";
import { panelOf, sectionView } from "@/data/view/view";
import { ScrollRoot } from "@/panels/frame/use-in-view";
import { useStable } from "@/ui/hooks/use-stable";
import { useReadView, useView } from "../../view/view-store";

/** The panel that is held, null where none is; and what lets it go when a person turns to another page. */
export function useHeldPanel(): readonly [HeldPanel | null, (held: HeldPanel | null) => void] {
  const edited = useView((view) => view.edited);
  const readView = useReadView();
  const [held, setHeld] = useState<HeldPanel | null>(null);
  const [before, setBefore] = useState<string | null>(null);
  if (edited !== before) {
    setBefore(edited);
    const view = readView();
    const panel = edited === null ? null : panelOf(view, edited);
    if (panel) setHeld({ id: panel.id, section: panel.section, page: sectionView(view, panel.section).page });
  }
  return [held, setHeld];
}

/** Scrolls the board so that the held panel stays at its height in view. */
export function useHeldPanelScroll(
  area: RefObject<HTMLElement | null>,
  layout: BoardLayout | null,
  held: HeldPanel | null,
  onRelease: () => void,
): void {
  const root = useContext(ScrollRoot);
  const edited = useView((view) => view.edited);
  const last = useRef<{ layout: BoardLayout | null; edited: string | null; scrollTop: number }>({
    layout: null,
    edited: null,
    scrollTop: 0,
  });
  useEffect(() => {
    if (!root) return;
    // known before a board that becomes shorter moves it
    const onScroll = () => {
      last.current.scrollTop = root.scrollTop;
    };
    onScroll();
    root.addEventListener("scroll", onScroll, { passive: true });
    return () => root.removeEventListener("scroll", onScroll);
  }, [root]);
  /** False: the panel is not on the board yet. */
  const hold = useStable((was: BoardLayout | null, scrollTop: number): boolean => {
    const box = layout && held && boxOf(layout, held.id);
    if (!root || !area.current || !box) return false;
    const boardTop =
      area.current.getBoundingClientRect().top - root.getBoundingClientRect().top + root.scrollTop;
    const roomPx = root.clientHeight - box.height;
    const old = (was && held && boxOf(was, held.id)) ?? box;
    const topPx = boardTop + old.y - scrollTop;
    const wasInView = topPx > -box.height && topPx < root.clientHeight;
    if (!wasInView && edited === null) return true;
    const targetPx = wasInView ? Math.max(0, Math.min(topPx, roomPx)) : Math.max(0, roomPx / 2);
    root.scrollTop = boardTop + box.y - targetPx;
    last.current.scrollTop = root.scrollTop;
    return true;
  });
  useLayoutEffect(() => {
    if (layout === null) return;
    const { layout: was, edited: before, scrollTop } = last.current;
    const isReflow = was?.pitch !== layout.pitch;
    const isOpened = edited !== null && edited !== before;
    const isHeld = (isReflow || isOpened) && hold(was, scrollTop);
    last.current.layout = layout;
    // a search that hid the panel is gone only from a later layout
    last.current.edited = isOpened && !isHeld ? before : edited;
    if (isReflow && edited === null) onRelease();
  }, [layout, edited, hold, onRelease]);
}

/** Where a panel stands on the board; null while it is on no open page. */
function boxOf(layout: BoardLayout, id: string): { y: number; height: number } | null {
  for (const { section, cells, first, box } of layout.sections) {
    if (cells.length === 0) continue;
    const cell = cells[section.ids().indexOf(id) - first];
    if (cell) return { y: box.y + cell.y, height: cell.height };
  }
  return null;
}
