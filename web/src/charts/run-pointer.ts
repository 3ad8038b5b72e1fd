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
  onOpen(id: string): void;
}

const NEAR_PX = 18;

export class RunPointer {
  readonly #surface: Surface;
  readonly #marks: () => readonly RunMark[];
  readonly #handlers: RunHandlers;
  #hovered: string | null = null;

  /** @param marks those that may be pointed at, as they were painted last */
  constructor(surface: Surface, marks: () => readonly RunMark[], handlers: RunHandlers) {
    this.#surface = surface;
    this.#marks = marks;
    this.#handlers = handlers;
    const { element } = surface;
    const unbind = new AbortController();
    const { signal } = unbind;
    element.addEventListener("pointermove", (event) => this.#move(event), { signal });
    element.addEventListener("pointerleave", () => this.leave(), { signal });
    element.addEventListener("click", () => this.#open(), { signal });
    element.addEventListener("keydown", (event) => this.#key(event), { signal });
    element.addEventListener("blur", () => this.leave(), { signal });
    surface.onEnd(() => unbind.abort());
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
    const [px, py] = [event.clientX - box.left, event.clientY - box.top];
    let near: RunMark | null = null;
    let least = NEAR_PX;
    for (const mark of this.#marks()) {
      const distance = Math.hypot(mark.x - px, mark.y - py);
      if (distance < least) {
        least = distance;
        near = mark;
      }
    }
    if (!near) this.leave();
    else if (near.id !== this.#hovered) this.#tell(near);
  }

  #tell({ id, x, y }: RunMark): void {
    const box = this.#surface.element.getBoundingClientRect();
    this.#hovered = id;
    this.#surface.element.style.cursor = "pointer";
    highlightedRun.set(id);
    this.#handlers.onHover({ id, left: box.left + x, top: box.top + y });
  }

  #open(): void {
    if (this.#hovered !== null) this.#handlers.onOpen(this.#hovered);
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
