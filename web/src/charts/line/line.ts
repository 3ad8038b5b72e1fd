/**
 * A line chart on its own element: holds what is drawn and when, leaves how to build, render and interact.
 *
 * Step of the data's way: the last; given curves by `panels/line-panel.tsx`, it puts pixels on the screen.
 */

import { type Frame, frameOf, MARGIN, type Range } from "../axis/scale";
import { dropDraw, planDraw } from "../scheduler";
import { crosshair, litRun, tip } from "../shared-state";
import { onTokensChange } from "../tokens";
import { type BuiltChart, buildChart, type LineSource, type LineView } from "./line-build";
import { badgeOf, followPointer, type Hover, hitsAt, hoverAt } from "./line-interact";
import {
  clearedContext,
  paintAxes,
  paintBadge,
  paintCross,
  paintCrossDot,
  paintLines,
  paintLit,
  paintOddMarks,
  paintSelection,
} from "./line-render";

/** What a chart tells its panel, and whether it tells the tooltip. */
export interface LineEvents {
  /** False where the panel itself tells the values under the crosshair. */
  readonly hasTip: boolean;
  /** The range of x that was dragged, in steps or seconds. */
  onZoom(range: Range): void;
  onResetZoom(): void;
}

const DIMMED = "0.26";
const SMALLEST_PX = 60;

export class LineChart {
  readonly #element: HTMLElement;
  readonly #events: LineEvents;
  readonly #axesLayer: HTMLCanvasElement;
  readonly #linesLayer: HTMLCanvasElement;
  readonly #topLayer: HTMLCanvasElement;
  readonly #base = { draw: () => this.#drawBase() };
  readonly #top = { draw: () => this.#drawTop() };
  readonly #ends: (() => void)[] = [];
  #width = 0;
  #height = 0;
  #title = "";
  #sources: readonly LineSource[] = [];
  #view: LineView = { axis: "step", smoothing: 0, isLog: false, xRange: null };
  /** What is on the screen: until the next drawing also where newer curves have come. */
  #built: BuiltChart | null = null;
  #isOutdated = false;
  #frame: Frame | null = null;
  #hover: Hover | null = null;
  #drag: Range | null = null;
  /** The view that `#frame` was made for. */
  #framed: LineView | null = null;

  constructor(element: HTMLElement, events: LineEvents) {
    this.#element = element;
    this.#events = events;
    const layer = () => {
      const canvas = document.createElement("canvas");
      canvas.setAttribute("aria-hidden", "true");
      element.append(canvas);
      return canvas;
    };
    this.#axesLayer = layer();
    this.#linesLayer = layer();
    this.#topLayer = layer();
    const sizes = new ResizeObserver(() => {
      this.#width = element.clientWidth;
      this.#height = element.clientHeight;
      planDraw(this.#base);
    });
    sizes.observe(element);
    const redrawTop = () => planDraw(this.#top);
    this.#ends.push(
      () => sizes.disconnect(),
      onTokensChange(() => planDraw(this.#base)),
      litRun.subscribe(redrawTop),
      crosshair.subscribe(redrawTop),
      followPointer(element, this.#pointerTarget()),
    );
  }

  /** Draw these curves, in this way. The arrays must not change afterwards. */
  set(title: string, sources: readonly LineSource[], view: LineView): void {
    this.#title = title;
    this.#sources = sources;
    this.#view = view;
    this.#isOutdated = true;
    planDraw(this.#base);
  }

  destroy(): void {
    this.#leave();
    for (const end of this.#ends) end();
    dropDraw(this.#base);
    dropDraw(this.#top);
    for (const canvas of [this.#axesLayer, this.#linesLayer, this.#topLayer]) {
      // frees the pixels now, not when the garbage collector comes by
      canvas.width = 0;
      canvas.remove();
    }
  }

  #drawBase(): void {
    if (this.#width < SMALLEST_PX || this.#height < SMALLEST_PX) return;
    if (!this.#built || this.#isOutdated) this.#built = buildChart(this.#sources, this.#view);
    this.#isOutdated = false;
    const { lines } = this.#built;
    const { x, y } = this.#rangesToShow(this.#built);
    this.#frame = frameOf(this.#width, this.#height, x, y, this.#view.isLog);
    this.#framed = this.#view;
    const axes = clearedContext(this.#axesLayer, this.#width, this.#height);
    const hasValues = lines.some((line) => line.x.length > 0);
    paintAxes(axes, this.#frame, this.#view.axis, hasValues);
    paintLines(clearedContext(this.#linesLayer, this.#width, this.#height), this.#frame, lines);
    this.#drawTop();
  }

  /** New points do not move the chart under the pointer: it keeps its ranges until the pointer leaves. */
  #rangesToShow(built: BuiltChart): { x: Range; y: Range } {
    const isHeld = this.#frame !== null && this.#hover !== null && this.#framed === this.#view;
    return isHeld && this.#frame ? this.#frame : built;
  }

  #drawTop(): void {
    const { lines } = this.#built ?? {};
    const frame = this.#frame;
    if (!lines || !frame || this.#width < SMALLEST_PX) return;
    const ctx = clearedContext(this.#topLayer, this.#width, this.#height);
    const lit = litRun.get();
    const litLine = lit === null ? undefined : lines.find((line) => line.id === lit);
    this.#linesLayer.style.opacity = litLine ? DIMMED : "1";
    if (litLine) paintLit(ctx, frame, litLine, lines.length);
    paintOddMarks(ctx, frame, lines, litLine ? lit : null);
    if (this.#drag) paintSelection(ctx, frame, this.#drag[0], this.#drag[1]);
    const cross = crosshair.get();
    if (!cross || cross.axis !== this.#view.axis || cross.x < frame.x[0] || cross.x > frame.x[1]) return;
    const isOwn = cross.from === this;
    paintCross(ctx, frame, cross.x, isOwn);
    const hits = isOwn ? (this.#hover?.hits ?? []) : litLine ? hitsAt([litLine], cross.x) : [];
    for (const { line, at } of hits)
      paintCrossDot(ctx, frame, line, at, line.id === lit, litLine !== undefined && line.id !== lit);
    if (isOwn) paintBadge(ctx, frame, cross.x, badgeOf(cross.x, this.#view.axis));
  }

  #leave(): void {
    const { x, y } = this.#built ?? {};
    if (this.#hover && (this.#frame?.x !== x || this.#frame?.y !== y)) planDraw(this.#base);
    this.#hover = null;
    if (crosshair.get()?.from !== this) return;
    crosshair.set(null);
    tip.set(null);
    litRun.set(null);
  }

  #moveTo(px: number, py: number, event: PointerEvent): void {
    const frame = this.#frame;
    const lines = this.#built?.lines;
    const isInPlot = frame !== null && px >= MARGIN.left && px <= frame.width - MARGIN.right;
    const hover = isInPlot && lines ? hoverAt(lines, frame, px, py, this.#view.axis) : null;
    if (!hover) {
      this.#leave();
      return;
    }
    this.#hover = hover;
    crosshair.set({ axis: this.#view.axis, x: hover.x, from: this });
    if (this.#drag) {
      // nothing may cover or dim what is being chosen
      tip.set(null);
      litRun.set(null);
      return;
    }
    litRun.set(hover.near?.line.id ?? null);
    if (!this.#events.hasTip) return;
    const floor = this.#element.getBoundingClientRect().bottom - MARGIN.bottom - 4;
    tip.set({
      title: this.#title,
      at: hover.label,
      rows: hover.rows,
      nHigher: hover.nHigher,
      nLower: hover.nLower,
      left: event.clientX,
      top: event.clientY,
      floor,
    });
  }

  #pointerTarget() {
    const frame = () => this.#frame;
    return {
      get frame() {
        return frame();
      },
      moveTo: (px: number, py: number, event: PointerEvent) => this.#moveTo(px, py, event),
      leave: () => this.#leave(),
      drag: (range: readonly [number, number] | null) => {
        const now = this.#frame;
        this.#drag = range && now ? [now.xAt(range[0]), now.xAt(range[1])] : null;
        planDraw(this.#top);
      },
      zoom: (range: readonly [number, number]) => {
        const now = this.#frame;
        if (now) this.#events.onZoom([now.xAt(range[0]), now.xAt(range[1])]);
      },
      resetZoom: () => this.#events.onResetZoom(),
    };
  }
}
