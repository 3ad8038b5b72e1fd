/**
 * A chart's side of the pin: sets it, tells the pinned tooltip what the values there are now, paints its crosshair.
 */

import type { Frame } from "../../axis/scale";
import { badgeOf } from "../../axis/x-axis";
import type { Pen } from "../../pen";
import { isSynced, pin, pinnedTip, type TipPosition } from "../../shared-state";
import type { BuiltChart } from "../line-build";
import { paintBadge, paintCrossDot, paintPinnedCross } from "../paint/highlight-render";
import { type Hit, hitsAt, hoverAt } from "./hover";

/** Rows of a pinned tooltip, which can be scrolled. Nobody reads more. */
const MAX_ROWS = 300;

/** The content of a chart now. */
interface Shown {
  readonly title: string;
  readonly built: BuiltChart;
  readonly frame: Frame;
}

export class ChartPin {
  readonly #element: HTMLElement;
  readonly #panel: string;
  readonly #hasTip: boolean;
  #shown: Shown | null = null;

  /** @param panel the panel's id; empty: nothing can be pinned in this chart */
  constructor(element: HTMLElement, panel: string, hasTip: boolean) {
    this.#element = element;
    this.#panel = panel;
    this.#hasTip = hasTip;
  }

  /** Whether the pin is this panel's. */
  get isOwn(): boolean {
    return this.#panel !== "" && pin.get()?.panel === this.#panel;
  }

  /** Whether the pin is this panel's, at this x. */
  isAt(x: number): boolean {
    return this.isOwn && pin.get()?.x === x;
  }

  /** Pin what is at a place of the element. Returns its label; null where there is nothing. */
  setAt({ built, frame }: Omit<Shown, "title">, px: number, py: number, isByKey: boolean): string | null {
    const { left, right, top, floor } = frame;
    const isInPlot = px >= left && px <= right && py >= top && py <= floor;
    const hover = this.#panel && isInPlot ? hoverAt(built, frame, px, py, 1) : null;
    if (!hover || hover.hits.length === 0) return null;
    pin.set({ panel: this.#panel, axis: built.axis.key, x: hover.x, y: frame.yAt(py), isByKey });
    return hover.label;
  }

  /** Tell the pinned tooltip what the chart shows now. */
  tell(shown: Shown): void {
    this.#shown = shown;
    const now = pin.get();
    if (!now || !this.#hasTip || !this.isOwn) {
      this.#forget();
      return;
    }
    const { title, built, frame } = shown;
    // between two answers a chart may have no curve at all
    if (built.lines.length === 0) return;
    if (now.axis !== built.axis.key) {
      // a place on the old axis means nothing on the new one
      pin.set(null);
      return;
    }
    const hover = hoverAt(built, frame, frame.xPx(now.x), frame.yPx(now.y), MAX_ROWS);
    const old = pinnedTip.get();
    // of a range far from the pin there are no values: those from before still hold
    const content = hover ? { ...hover, title, at: hover.label } : old?.pin === now ? old : null;
    if (!content) return;
    const { at, rows, marks, note, nHigher, nLower } = content;
    const position = () => this.#position();
    pinnedTip.set({
      title,
      at,
      rows,
      marks,
      note,
      nHigher,
      nLower,
      pin: now,
      chart: this.#element,
      position,
    });
  }

  /** The pinned crosshair, in the pinned chart with its points. */
  paint(pen: Pen, { built, frame }: Omit<Shown, "title">): void {
    const now = pin.get();
    if (!now || now.axis !== built.axis.key || now.x < frame.x[0] || now.x > frame.x[1]) return;
    const { isOwn } = this;
    if (!isOwn && !isSynced.get()) return;
    paintPinnedCross(pen, frame, now.x, isOwn);
    if (!isOwn) return;
    const hits: readonly Hit[] = built.isDense ? [] : hitsAt(built.lines, now.x);
    for (const { line, at } of hits)
      paintCrossDot(pen, frame, line, at, { isHighlighted: false, isDim: false });
    paintBadge(pen, frame, now.x, badgeOf(built.axis, now.x, frame.x[1] - frame.x[0]));
  }

  destroy(): void {
    this.#forget();
  }

  #forget(): void {
    if (pinnedTip.get()?.chart === this.#element) pinnedTip.set(null);
  }

  /** Reads the layout. Where the pin is out of what is shown, the nearest edge. */
  #position(): TipPosition {
    const box = this.#element.getBoundingClientRect();
    const now = pin.get();
    const frame = this.#shown?.frame;
    if (!now || !frame) return { left: box.left, top: box.top, ceiling: box.top, floor: box.bottom };
    const within = (px: number, from: number, to: number) => Math.max(from, Math.min(to, px));
    return {
      left: box.left + within(frame.xPx(now.x), frame.left, frame.right),
      top: box.top + within(frame.yPx(now.y), frame.top, frame.floor),
      ceiling: box.top + frame.top,
      floor: box.top + frame.floor - 4,
    };
  }
}
