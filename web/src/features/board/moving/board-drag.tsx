/**
 * Dragging panels by their heads, and sections by theirs: what floats, the mark where it would be put, the page
 * that scrolls along. Nothing moves before it is let go.
 */

import { type RefObject, useContext, useEffect } from "react";
import type { Board } from "@/data/board/board";
import { panelTitle } from "@/data/board/board";
import { type BoardLayout, dropAt, sectionGapAt } from "@/data/board/layout";
import { movePanel, moveSection } from "@/data/board/moves";
import { panelOf, type View } from "@/data/view/view";
import { ScrollRoot } from "@/panels/frame/use-in-view";
import { useStable } from "@/ui/hooks/use-stable";
import { useReadView, useSetView } from "../../view/view-store";
import { type Dragged, NOTHING_DRAGGED, useDrag } from "./drag-state";

/** A pointer that moved less has clicked. */
const START_PX = 5;
/** So near to the edge the page scrolls, at most so many px per frame. */
const EDGE_PX = 56;
const SCROLL_PX = 18;

interface Point {
  readonly x: number;
  readonly y: number;
}

export function useBoardDrag(area: RefObject<HTMLElement | null>, board: Board, layout: BoardLayout | null) {
  const root = useContext(ScrollRoot);
  const setView = useSetView();
  const readView = useReadView();

  const aim = useStable(({ x, y }: Point) => {
    const { dragged } = useDrag.getState();
    const element = area.current;
    if (!element || !layout || !dragged) return;
    const { left, top } = element.getBoundingClientRect();
    if (dragged.kind === "panel") {
      const drop = dropAt(layout, x - left, y - top);
      const before = useDrag.getState().drop;
      if (drop?.section === before?.section && drop?.index === before?.index) return;
      useDrag.setState({ drop });
    } else {
      const between = sectionGapAt(layout, x - left, y - top);
      if (between.index !== useDrag.getState().between?.index) useDrag.setState({ between });
    }
  });

  const put = useStable(() => {
    const { dragged, drop, between } = useDrag.getState();
    if (dragged?.kind === "panel" && drop)
      setView((view) => movePanel(view, board, dragged.id, drop.section, drop.index) ?? {});
    if (dragged?.kind === "section" && between)
      setView((view) => moveSection(view, board, dragged.id, between.index));
  });

  const draggedAt = useStable((target: Element): Dragged | null => draggedOf(target, readView(), board));

  useEffect(() => {
    const element = area.current;
    if (!element || !root) return;
    const onDown = (event: PointerEvent) => {
      if (event.button !== 0 || event.pointerType === "touch" || !(event.target instanceof Element)) return;
      const dragged = draggedAt(event.target);
      if (dragged) follow(event, dragged, { root, aim, put });
    };
    element.addEventListener("pointerdown", onDown);
    return () => element.removeEventListener("pointerdown", onDown);
  }, [area, root, aim, put, draggedAt]);
}

/** The panel or section dragged from an element: both by their heads, but not by the controls in these. */
function draggedOf(target: Element, view: View, board: Board): Dragged | null {
  const head = target.closest(".cell .ph, .sech");
  if (!head || target.closest("button:not(.fold), a, input, .act, .legend")) return null;
  const cell = head.closest<HTMLElement>("[data-cell]");
  if (cell) {
    const id = cell.dataset.cell ?? "";
    const panel = panelOf(view, id);
    return panel && { kind: "panel", id, title: panelTitle(panel) };
  }
  const name = head.closest<HTMLElement>("[data-section]")?.dataset.section;
  const section = board.sections.find((section) => section.name === name);
  return section ? { kind: "section", id: section.name, title: section.title } : null;
}

interface Follower {
  readonly root: HTMLElement;
  aim(point: Point): void;
  put(): void;
}

/** From the press to the release of the pointer. */
function follow(start: PointerEvent, dragged: Dragged, { root, aim, put }: Follower): void {
  let ghost: HTMLElement | null = null;
  let point: Point = { x: start.clientX, y: start.clientY };
  let frame = 0;
  const begin = () => {
    ghost = document.createElement("div");
    ghost.className = "drag-ghost";
    ghost.textContent = dragged.title;
    document.body.append(ghost);
    document.body.classList.add("dragging");
    useDrag.setState({ ...NOTHING_DRAGGED, dragged });
    scroll();
  };
  const scroll = () => {
    const { top, bottom } = root.getBoundingClientRect();
    const over = Math.max(0, point.y - (bottom - EDGE_PX)) - Math.max(0, top + EDGE_PX - point.y);
    if (over !== 0) {
      root.scrollBy(0, Math.sign(over) * Math.min(SCROLL_PX, Math.ceil(Math.abs(over) / 3)));
      aim(point);
    }
    frame = requestAnimationFrame(scroll);
  };
  const onMove = (event: PointerEvent) => {
    point = { x: event.clientX, y: event.clientY };
    if (!ghost && Math.hypot(point.x - start.clientX, point.y - start.clientY) < START_PX) return;
    if (!ghost) begin();
    event.preventDefault();
    ghost!.style.transform = `translate(${point.x + 12}px, ${point.y + 8}px)`;
    aim(point);
  };
  const end = (isPut: boolean) => {
    document.removeEventListener("pointermove", onMove);
    document.removeEventListener("pointerup", onUp);
    document.removeEventListener("pointercancel", onCancel);
    document.removeEventListener("keydown", onKey, true);
    cancelAnimationFrame(frame);
    if (!ghost) return;
    ghost.remove();
    document.body.classList.remove("dragging");
    if (isPut) put();
    useDrag.setState(NOTHING_DRAGGED);
    // the release is no click on what lies under it
    document.addEventListener("click", stop, { capture: true, once: true });
    setTimeout(() => document.removeEventListener("click", stop, { capture: true }), 0);
  };
  const onUp = () => end(true);
  const onCancel = () => end(false);
  const onKey = (event: KeyboardEvent) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    end(false);
  };
  document.addEventListener("pointermove", onMove);
  document.addEventListener("pointerup", onUp);
  document.addEventListener("pointercancel", onCancel);
  document.addEventListener("keydown", onKey, true);
}

function stop(event: Event): void {
  event.preventDefault();
  event.stopPropagation();
}

/** The mark where what is dragged would be put. */
export function DropMark() {
  const drop = useDrag((state) => state.drop);
  const between = useDrag((state) => state.between);
  const mark = drop?.mark ?? between?.mark;
  if (!mark) return null;
  const { x, y, width, height } = mark;
  return (
    <div
      className={drop?.isHead ? "drop-head" : "drop-bar"}
      style={{ left: x, top: y, width, height }}
      aria-hidden="true"
    />
  );
}
