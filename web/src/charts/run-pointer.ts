/**
 * The pointer and the keys over a chart whose marks are runs: the nearest mark is highlighted, a click or Enter
 * opens its run, and arrows go from mark to mark. A tap highlights the nearest mark, another one on it opens its run.
 */

import { highlightedRun } from "./shared-state";
import type { Surface } from "./surface";

/** A run's mark, px of its chart. */
export interface RunMark {
  readonly id: string;
  readonly x: number;
  readonly y: number;
}

/** The run under the pointer, and where its mark is in px of the viewport. */
export interface RunHover {
  readonly id: string;
  readonly left: number;
  readonly top: number;
}

export interface RunHandlers {
  onHover(hover: RunHover | null): void;
  /** Absent: a click does nothing. */
  onOpen?(id: string): void;
}

const NEAR_PX = 18;

/** The nearest of several marks to a point, px. */
function nearestMark(marks: readonly RunMark[], px: number, py: number): RunMark | null {
  let nearest: RunMark | null = null;
  let least = NEAR_PX;
  for (const mark of marks) {
    const distance = Math.hypot(mark.x - px, mark.y - py);
    if (distance < least) {
      least = distance;
      nearest = mark;
    }
  }
  return nearest;
}

/**
 * Follow the pointer and the keys over a chart until it goes.
 *
 * @param marks those that may be pointed at, as they were painted last
 * @param markAt the mark at a point of the chart, px
 */
export function followRuns(
  surface: Surface<unknown>,
  marks: () => readonly RunMark[],
  { onHover, onOpen }: RunHandlers,
  markAt = nearestMark,
): void {
  const { element } = surface;
  let hovered: string | null = null;
  const highlight = ({ id, x, y }: RunMark) => {
    const box = element.getBoundingClientRect();
    if (hovered === null) watchPage();
    hovered = id;
    if (onOpen) element.style.cursor = "pointer";
    highlightedRun.set(id);
    onHover({ id, left: box.left + x, top: box.top + y });
  };
  const leave = () => {
    if (hovered === null) return;
    if (highlightedRun.get() === hovered) highlightedRun.set(null);
    hovered = null;
    element.style.cursor = "";
    unwatchPage();
    onHover(null);
  };
  const leaveElsewhere = ({ target }: Event) => {
    if (!(target instanceof Node && element.contains(target))) leave();
  };
  // a page of many charts would call each of them at every scroll
  const watchPage = () => {
    document.addEventListener("pointerdown", leaveElsewhere);
    document.addEventListener("scroll", leave, { capture: true, passive: true });
  };
  const unwatchPage = () => {
    document.removeEventListener("pointerdown", leaveElsewhere);
    document.removeEventListener("scroll", leave, { capture: true });
  };
  const open = () => {
    if (hovered !== null) onOpen?.(hovered);
  };
  const follow = ({ clientX, clientY }: MouseEvent) => {
    const box = element.getBoundingClientRect();
    const mark = markAt(marks(), clientX - box.left, clientY - box.top);
    if (!mark) leave();
    else if (mark.id !== hovered) highlight(mark);
  };
  // a finger leaves the chart as it is lifted: what it tapped stays until another place is touched, or the page moves
  surface.listen("pointermove", (event) => {
    if (event.pointerType !== "touch") follow(event);
  });
  surface.listen("pointerleave", (event) => {
    if (event.pointerType !== "touch") leave();
  });
  surface.listen("click", (event) => {
    const before = hovered;
    if (isTouch(event)) follow(event);
    if (!isTouch(event) || hovered === before) open();
  });
  surface.listen("keydown", (event) => {
    if (event.key === "Enter") return open();
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const byX = [...marks()].sort((a, b) => a.x - b.x);
    if (step === undefined || byX.length === 0) return;
    event.preventDefault();
    event.stopPropagation();
    const at = byX.findIndex(({ id }) => id === hovered);
    highlight(byX[at < 0 ? 0 : Math.max(0, Math.min(byX.length - 1, at + step))]!);
  });
  surface.listen("blur", leave);
  surface.onEnd(leave);
}

function isTouch(event: MouseEvent): boolean {
  return event instanceof PointerEvent && event.pointerType === "touch";
}
