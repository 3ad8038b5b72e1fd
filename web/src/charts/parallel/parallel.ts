/** Parallel coordinates on their own element: axes, curves, and brushes that are drawn, moved and resized. */

import type { RunHover } from "../run-pointer";
import { highlightedRun } from "../shared-state";
import { type Ctx, Surface } from "../surface";
import {
  type Brush,
  type Brushes,
  brushAt,
  curveDistance,
  layOutParallel,
  type ParallelColumn,
  type ParallelLayout,
  type ParallelRow,
  type Ramp,
  snapped,
} from "./parallel-layout";
import { curveAlpha, ParallelFrame, paintAxis, paintCurve } from "./parallel-render";

export interface ParallelContent {
  readonly columns: readonly ParallelColumn[];
  readonly rows: readonly ParallelRow[];
  readonly brushes: Brushes;
  readonly ramp: Ramp | null;
}

export interface ParallelEvents {
  /** The run whose curve is under the pointer, and where that is in px of the viewport. */
  onHover(hover: RunHover | null): void;
  /** A brush was drawn or moved; null: taken away. */
  onBrush(column: string, brush: Brush | null): void;
}

const NEAR_PX = 7;
/** A press this near to an axis draws a brush on it. */
const GRIP_PX = 12;
/** Of a finger. */
const TOUCH_GRIP_PX = 22;
/** A finger that rests this long draws a brush where a drag would scroll the page: before the browser's own menu. */
const HOLD_MILLIS = 400;
/** A finger that moves farther scrolls. */
const STILL_PX = 10;
const EDGE_PX = 6;
/** A shorter drag is a click, and takes the brush away. */
const DRAG_PX = 4;
const DIMMED = 0.14;
/** A key moves a brush by this part of its axis. */
const KEY_STEP = 0.05;

/** A brush on its way, in places of its axis. */
interface Drag {
  readonly axis: number;
  readonly kind: "draw" | "move";
  readonly start: number;
  /** Of a move: the brush as it was. */
  readonly before: readonly [number, number];
  now: readonly [number, number];
}

export class ParallelChart extends Surface<ParallelContent> {
  readonly #events: ParallelEvents;
  #layout: ParallelLayout | null = null;
  #frame: ParallelFrame | null = null;
  #drag: Drag | null = null;
  /** A finger that may come to rest. */
  #hold: { readonly event: PointerEvent; readonly timer: number } | null = null;
  #hovered: string | null = null;
  /** The axis that keys are about. */
  #at = 0;

  constructor(element: HTMLElement, events: ParallelEvents) {
    super(element);
    this.#events = events;
    this.listen("pointerdown", (event) => this.#press(event));
    this.listen("pointermove", (event) => this.#move(event));
    this.listen("pointerup", () => {
      // a tap is a click
      const hold = this.#endHold();
      if (hold) this.#start(hold);
      this.#release(true);
    });
    this.listen("pointercancel", () => {
      this.#endHold();
      this.#release(false);
    });
    // a finger that draws a brush does not scroll, and opens no menu
    this.listen("touchmove", (event) => this.#drag && event.preventDefault());
    this.listen("contextmenu", (event) => (this.#drag ?? this.#hold) && event.preventDefault());
    this.listen("pointerleave", () => this.#leave());
    this.listen("keydown", (event) => this.#key(event));
    this.listen("blur", () => this.planTop());
    this.listen("focus", () => this.planTop());
    const giveUp = (event: KeyboardEvent) => event.key === "Escape" && this.#release(false);
    document.addEventListener("keydown", giveUp);
    this.onEnd(() => {
      this.#endHold();
      this.#leave();
      document.removeEventListener("keydown", giveUp);
    });
  }

  override set(content: ParallelContent): void {
    this.#layout = layOutParallel(content.columns, content.rows, content.brushes, content.ramp);
    super.set(content);
  }

  protected paintBase(ctx: Ctx): void {
    const layout = this.#layout;
    if (!layout) return;
    this.#frame = new ParallelFrame(ctx, this.width, this.height, layout.axes);
    const alpha = curveAlpha(layout.curves.filter(({ isIn }) => isIn).length);
    for (const curve of layout.curves) paintCurve(ctx, this.#frame, curve, curve.isIn ? "in" : "out", alpha);
  }

  protected override paintTop(ctx: Ctx): void {
    const layout = this.#layout;
    const frame = this.#frame;
    if (!layout || !frame) return;
    const curve = this.highlightedOf(layout.curves);
    this.dim(curve ? DIMMED : 1);
    if (curve) paintCurve(ctx, frame, curve, "highlighted");
    for (const [i, axis] of layout.axes.entries()) {
      const drag = this.#drag?.axis === i ? this.#drag.now : undefined;
      const hasFocus = i === this.#at && document.activeElement === this.element;
      const isAt = hasFocus || this.#drag?.axis === i;
      paintAxis(ctx, frame, i, axis, drag ?? axis.brush, isAt);
    }
  }

  #pixelOf(event: PointerEvent): { px: number; py: number; left: number; top: number } {
    const box = this.element.getBoundingClientRect();
    return { px: event.clientX - box.left, py: event.clientY - box.top, left: box.left, top: box.top };
  }

  #axisAt(px: number, isTouch = false): number | null {
    const frame = this.#frame;
    if (!frame || !this.#layout) return null;
    const grip = isTouch ? Math.min(TOUCH_GRIP_PX, frame.gap / 2) : GRIP_PX;
    for (let i = 0; i < this.#layout.axes.length; i++) if (Math.abs(frame.xPx(i) - px) <= grip) return i;
    return null;
  }

  #press(event: PointerEvent): void {
    const isTouch = event.pointerType === "touch";
    if (event.button !== 0 || this.#axisAt(this.#pixelOf(event).px, isTouch) === null) return;
    event.preventDefault();
    // where the page takes a finger's drags, a brush begins with a long press
    if (isTouch && getComputedStyle(this.element).touchAction !== "none") {
      const rest = () => {
        this.#endHold();
        this.#start(event);
      };
      this.#endHold();
      this.#hold = { event, timer: window.setTimeout(rest, HOLD_MILLIS) };
    } else this.#start(event);
  }

  /** Ends the wait for a finger to rest; returns its press. */
  #endHold(): PointerEvent | null {
    const hold = this.#hold;
    this.#hold = null;
    if (hold) clearTimeout(hold.timer);
    return hold?.event ?? null;
  }

  #start(event: PointerEvent): void {
    const { px, py } = this.#pixelOf(event);
    const axis = this.#axisAt(px, event.pointerType === "touch");
    const frame = this.#frame;
    if (axis === null || !frame) return;
    this.element.setPointerCapture(event.pointerId);
    const fraction = clamped(frame.fractionAt(py));
    const brush = this.#layout?.axes[axis]?.brush ?? null;
    const near = EDGE_PX / frame.height;
    if (brush && Math.abs(fraction - brush[0]) <= near) this.#begin(axis, "draw", brush[1], fraction);
    else if (brush && Math.abs(fraction - brush[1]) <= near) this.#begin(axis, "draw", brush[0], fraction);
    else if (brush && fraction > brush[0] && fraction < brush[1])
      this.#drag = { axis, kind: "move", start: fraction, before: brush, now: brush };
    else this.#begin(axis, "draw", snapped(fraction, near), snapped(fraction, near));
    highlightedRun.set(null);
    this.#events.onHover(null);
    this.planTop();
  }

  #begin(axis: number, kind: "draw", start: number, fraction: number): void {
    this.#drag = { axis, kind, start, before: [start, start], now: [start, fraction] };
  }

  #move(event: PointerEvent): void {
    const { px, py, left, top } = this.#pixelOf(event);
    const frame = this.#frame;
    const layout = this.#layout;
    if (!frame || !layout) return;
    if (this.#hold) {
      const { clientX, clientY } = this.#hold.event;
      if (Math.hypot(event.clientX - clientX, event.clientY - clientY) > STILL_PX) this.#endHold();
      return;
    }
    const drag = this.#drag;
    if (drag) {
      const fraction = clamped(frame.fractionAt(py));
      const near = EDGE_PX / frame.height;
      drag.now =
        drag.kind === "draw"
          ? sorted(drag.start, snapped(fraction, near))
          : moved(drag.before, fraction - drag.start);
      this.planTop();
      return;
    }
    const head = frame.headAt(px, py);
    this.element.title = frame.heads[head]?.isCut ? (layout.axes[head]?.label ?? "") : "";
    const axis = this.#axisAt(px);
    this.element.style.cursor = axis === null ? "default" : "ns-resize";
    let near: { id: string; distance: number } | null = null;
    for (const curve of layout.curves) {
      if (!curve.isIn) continue;
      const distance = curveDistance(curve.fractions, frame.xPx, frame.yPx, [px, py]);
      if (distance < NEAR_PX && distance < (near?.distance ?? Infinity)) near = { id: curve.id, distance };
    }
    if (axis !== null || !near) {
      this.#leave();
      return;
    }
    if (near.id !== this.#hovered) highlightedRun.set(near.id);
    this.#hovered = near.id;
    this.#events.onHover({ id: near.id, left: left + px, top: top + py });
  }

  #release(apply: boolean): void {
    const drag = this.#drag;
    const frame = this.#frame;
    this.#drag = null;
    this.planTop();
    const axis = drag ? this.#layout?.axes[drag.axis] : undefined;
    if (!drag || !axis || !frame || !apply || !this.content) return;
    const [from, to] = sorted(drag.now[0], drag.now[1]);
    const isClick = (to - from) * frame.height < DRAG_PX;
    const isSame = drag.kind === "move" && drag.now === drag.before;
    if (isSame) return;
    this.#events.onBrush(axis.column, isClick ? null : brushAt(axis.axis, from, to));
  }

  /** Arrows choose an axis and move its brush, with Shift its upper end; Delete takes it away. */
  #key(event: KeyboardEvent): void {
    const axes = this.#layout?.axes ?? [];
    const axis = axes[Math.min(this.#at, axes.length - 1)];
    if (!axis) return;
    const step = { ArrowUp: KEY_STEP, ArrowDown: -KEY_STEP }[event.key];
    if (event.key === "ArrowLeft") this.#at = Math.max(0, this.#at - 1);
    else if (event.key === "ArrowRight") this.#at = Math.min(axes.length - 1, this.#at + 1);
    else if (event.key === "Delete" || event.key === "Backspace") this.#events.onBrush(axis.column, null);
    else if (step !== undefined) {
      const before = axis.brush ?? [0.5, 1];
      const next = !axis.brush
        ? before
        : event.shiftKey
          ? sorted(before[0], clamped(before[1] + step))
          : moved(before, step);
      this.#events.onBrush(axis.column, brushAt(axis.axis, next[0], next[1]));
    } else return;
    event.preventDefault();
    event.stopPropagation();
    this.planTop();
  }

  #leave(): void {
    if (this.#hovered === null) return;
    if (highlightedRun.get() === this.#hovered) highlightedRun.set(null);
    this.#hovered = null;
    this.#events.onHover(null);
  }
}

function clamped(fraction: number): number {
  return Math.max(0, Math.min(1, fraction));
}

function sorted(a: number, b: number): readonly [number, number] {
  return [Math.min(a, b), Math.max(a, b)];
}

function moved([lo, hi]: readonly [number, number], by: number): readonly [number, number] {
  const shift = Math.max(-lo, Math.min(1 - hi, by));
  return [lo + shift, hi + shift];
}
