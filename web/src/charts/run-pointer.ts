/**
 * The pointer and the keys over a chart whose marks are runs: the nearest mark is highlighted, a click or Enter
 * opens its run, and arrows go from mark to mark.
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

export class RunPointer {
  readonly #surface: Surface<unknown>;
  readonly #marks: () => readonly RunMark[];
  readonly #handlers: RunHandlers;
  readonly #markAt: typeof nearestMark;
  #hovered: string | null = null;

  /**
   * @param marks those that may be pointed at, as they were painted last
   * @param markAt which of them is at a point of the chart, px
   */
  constructor(
    surface: Surface<unknown>,
    marks: () => readonly RunMark[],
    handlers: RunHandlers,
    markAt = nearestMark,
  ) {
    this.#surface = surface;
    this.#marks = marks;
    this.#handlers = handlers;
    this.#markAt = markAt;
    surface.listen("pointermove", (event) => this.#move(event));
    surface.listen("pointerleave", () => this.leave());
    surface.listen("click", () => this.#open());
    surface.listen("keydown", (event) => this.#key(event));
    surface.listen("blur", () => this.leave());
  }

  /** Highlight nothing. */
  leave(): void {
    if (this.#hovered === null) return;
    if (highlightedRun.get() === this.#hovered) highlightedRun.set(null);
    this.#hovered = null;
    this.#surface.element.style.cursor = "";
    this.#handlers.onHover(null);
  }

  #move(event: PointerEvent): void {
    const box = this.#surface.element.getBoundingClientRect();
    const mark = this.#markAt(this.#marks(), event.clientX - box.left, event.clientY - box.top);
    if (!mark) this.leave();
    else if (mark.id !== this.#hovered) this.#tell(mark);
  }

  #tell({ id, x, y }: RunMark): void {
    const box = this.#surface.element.getBoundingClientRect();
    this.#hovered = id;
    if (this.#handlers.onOpen) this.#surface.element.style.cursor = "pointer";
    highlightedRun.set(id);
    this.#handlers.onHover({ id, left: box.left + x, top: box.top + y });
  }

  #open(): void {
    if (this.#hovered !== null) this.#handlers.onOpen?.(this.#hovered);
  }

  /** From mark to mark along x. */
  #key(event: KeyboardEvent): void {
    if (event.key === "Enter") {
      this.#open();
      return;
    }
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const marks = [...this.#marks()].sort((a, b) => a.x - b.x);
    if (step === undefined || marks.length === 0) return;
    event.preventDefault();
    event.stopPropagation();
    const at = marks.findIndex(({ id }) => id === this.#hovered);
    this.#tell(marks[at < 0 ? 0 : Math.max(0, Math.min(marks.length - 1, at + step))]!);
  }
}
