/**
 * The range that a chart is dragged or wheeled to, before it becomes the view's: shared by all synced charts.
 */

import { type Frame, pannedRange, type Range, zoomedRange } from "../../axis/scale";
import type { XAxis } from "../../axis/x-axis";
import { gesture, isSynced } from "../../shared-state";

/** A wheel has ended when it stands still for so long. */
const WHEEL_MILLIS = 180;
/** The view answers a zoom within this time, or does not want it. */
const SETTLE_MILLIS = 500;
/** A chart zooms in until its width is this part of the value itself: float64 has digits for that. */
const FINEST = 1e-9;

interface GestureEvents {
  onMove(): void;
  onZoom(range: Range): void;
  onResetZoom(): void;
}

export class GestureRange {
  readonly #owner: object;
  readonly #events: GestureEvents;
  /** The range shown while a gesture lasts, and until the view has it. */
  range: Range | null = null;
  /** All there is of x, as far as known. */
  whole: Range | null = null;
  /** The frame in which a drag began. */
  #start: Frame | null = null;
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(owner: object, events: GestureEvents) {
    this.#owner = owner;
    this.#events = events;
  }

  /** The drag is `px` from where it began, at `from`. */
  pan(frame: Frame, axis: string, px: number, from: number): void {
    this.#start ??= frame;
    this.#show(axis, this.#within(pannedRange(this.#start, px, from)));
  }

  wheel(frame: Frame, axis: string, px: number, factor: number): void {
    const [lo, hi] = zoomedRange(frame, px, factor);
    const least = axis === "step" ? 2 : Math.max(Math.abs(lo), Math.abs(hi)) * FINEST;
    if (factor < 1 && hi - lo < least) return;
    const { whole } = this;
    this.#show(axis, whole ? [Math.max(lo, whole[0]), Math.min(hi, whole[1])] : [lo, hi]);
    this.#endSoon();
  }

  wheelAside(frame: Frame, axis: string, px: number): void {
    this.#show(axis, this.#within(pannedRange(frame, px)));
    this.#endSoon();
  }

  /** The gesture is over: hand its range to the view, or take it back. */
  end(apply: boolean): void {
    this.#start = null;
    const { range, whole } = this;
    if (!range) return;
    this.#settleSoon();
    if (gesture.get()?.from === this.#owner) gesture.set(null);
    if (!apply) {
      this.settle();
      this.#events.onMove();
    } else if (whole && range[0] <= whole[0] && range[1] >= whole[1]) this.#events.onResetZoom();
    else this.#events.onZoom(range);
  }

  /** Another chart's gesture has moved or ended. */
  follow(axis: XAxis | null): void {
    const now = gesture.get();
    if (now?.from === this.#owner) return;
    if (now === null) {
      if (this.range) this.#settleSoon();
      return;
    }
    if (now.axis !== axis?.key || !isSynced.get()) return;
    this.#stopTimer();
    this.range = now.range;
    this.#events.onMove();
  }

  /** The view has a range of its own now. */
  settle(): void {
    if (this.#start || gesture.get()) return;
    this.#stopTimer();
    this.range = null;
  }

  destroy(): void {
    this.#stopTimer();
    if (gesture.get()?.from === this.#owner) gesture.set(null);
  }

  #show(axis: string, range: Range): void {
    this.#stopTimer();
    this.range = range;
    gesture.set({ axis, range, from: this.#owner });
    this.#events.onMove();
  }

  /** The range, moved back to where there is something. */
  #within([lo, hi]: Range): Range {
    const { whole } = this;
    if (!whole) return [lo, hi];
    const by = lo < whole[0] ? whole[0] - lo : hi > whole[1] ? whole[1] - hi : 0;
    return [lo + by, hi + by];
  }

  #endSoon(): void {
    this.#timer = setTimeout(() => this.end(true), WHEEL_MILLIS);
  }

  #settleSoon(): void {
    this.#stopTimer();
    this.#timer = setTimeout(() => {
      this.settle();
      this.#events.onMove();
    }, SETTLE_MILLIS);
  }

  #stopTimer(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
  }
}
