/**
 * A line chart on its own element: decides what is drawn and when. `line-build`, `paint/` and `pointer/` do the work.
 *
 * Last step of the data's way: it receives curves from `panels/line/` and puts pixels on the screen.
 */

import { type Frame, frameOf, type Range } from "../axis/scale";
import { badgeOf } from "../axis/x-axis";
import { dropDraw, planDraw, planFollowing, planSlowDraw } from "../scheduler";
import {
  crosshair,
  endHighlight,
  gesture,
  highlightedRun,
  highlightIn,
  highlightInPassing,
  isSynced,
  pin,
  selectedRuns,
  tip,
} from "../shared-state";
import { onTokensChange } from "../tokens";
import type { BuiltLine } from "./built-line";
import { type Curve, FIRST_LINE_VIEW, type LineView } from "./curve";
import { axisOfCurves, type BuiltChart, buildChart, type PointsCache } from "./line-build";
import { paintAxes } from "./paint/axes-render";
import { DensityPaint } from "./paint/density-paint";
import { FollowedCross } from "./paint/followed-cross";
import {
  paintBadge,
  paintCasing,
  paintCross,
  paintCrossDot,
  paintHighlighted,
  paintOnTop,
  paintSelection,
} from "./paint/highlight-render";
import { Layers } from "./paint/layers";
import { HIGHLIGHT_WIDTH, highlightLook, type LinesLook, linesLook } from "./paint/line-look";
import { LinesPaint } from "./paint/lines-paint";
import { nonfiniteRoom, paintMarks } from "./paint/mark-render";
import { ChartPin } from "./pointer/chart-pin";
import { GestureRange } from "./pointer/gesture";
import { type Hover, hitsAt, hoverAt } from "./pointer/hover";
import { followKeys } from "./pointer/keyboard";
import { curveAt } from "./pointer/pick";
import { followPointer } from "./pointer/pointer";
import { Walker } from "./pointer/walker";

/** Events of a chart for its panel, and whether it sets the tooltip. */
export interface LineEvents {
  /** Panel whose tooltip can be pinned here, by id; empty: none. */
  readonly panel: string;
  /** False where the panel itself tells the values under the crosshair. */
  readonly hasTip: boolean;
  /** The range of x that was chosen, in the units of x. */
  onZoom(range: Range): void;
  onResetZoom(): void;
  /** The ranges of the chart's own data; null without a point. */
  onOwnRanges(own: BuiltChart["own"]): void;
  /** The most curves in a cell of the density that was drawn; null: curves were drawn. */
  onDensity(most: number | null): void;
  /** A curve was chosen by keyboard; px of the point, of the chart's element. */
  onChoose(curve: BuiltLine, px: number, py: number): void;
}

/** A gesture that stands still for so long leaves time for the other charts. */
const PAUSE_MILLIS = 100;
/** The picture's opacity while a run is highlighted. */
const DIM_CURVES = 0.26;
const DIM_DENSITY = 0.6;
/** A smaller element has no room for a chart, px. */
const SMALLEST_PX = 60;

export class LineChart {
  readonly #element: HTMLElement;
  readonly #events: LineEvents;
  readonly #layers: Layers;
  readonly #followed: FollowedCross;
  readonly #base = { drawUntil: (deadline: number) => this.#drawBase(deadline) };
  readonly #top = { draw: () => this.#drawTop() };
  /** The same for a chart that the pointer is not over: twenty of them would hold up a frame. */
  readonly #slowTop = {
    drawUntil: () => {
      this.#drawTop();
      return true;
    },
  };
  readonly #cross = { draw: () => this.#followCross() };
  readonly #move = { draw: () => this.#drawMoved() };
  readonly #gesture: GestureRange;
  readonly #walker: Walker;
  readonly #pin: ChartPin;
  readonly #cache: PointsCache = new Map();
  readonly #ends: (() => void)[] = [];
  #width = 0;
  #height = 0;
  #title = "";
  #curves: readonly Curve[] = [];
  #view: LineView = FIRST_LINE_VIEW;
  /** The chart on the screen: until the next drawing also where newer curves have come. */
  #built: BuiltChart | null = null;
  #isOutdated = false;
  #frame: Frame | null = null;
  /** The picture that is being made, and what for. */
  #paint: { readonly lines: LinesPaint | DensityPaint; readonly frame: Frame } | null = null;
  #hover: Hover | null = null;
  /** The crosshair that is painted is this chart's own. */
  #hasCross = false;
  #pause: ReturnType<typeof setTimeout> | undefined;
  #selected: readonly [number, number] | null = null;
  /** The view that `#frame` was made for, and what x is in it. */
  #framed: LineView | null = null;
  #framedAxis: string | null = null;

  constructor(element: HTMLElement, events: LineEvents) {
    this.#element = element;
    this.#events = events;
    this.#layers = new Layers(element);
    this.#followed = new FollowedCross(element);
    this.#gesture = new GestureRange(this, {
      onMove: () => (gesture.get()?.from === this ? planDraw(this.#move) : planFollowing(this.#move)),
      onZoom: (range) => events.onZoom(range),
      onResetZoom: () => events.onResetZoom(),
    });
    this.#walker = new Walker(element, (px, py) => this.#pointAt(px, py));
    this.#pin = new ChartPin(element, events.panel, events.hasTip);
    const sizes = new ResizeObserver(() => {
      this.#measure();
      this.#replan();
    });
    sizes.observe(element);
    const redrawTop = () => (this.#hover ? planDraw(this.#top) : planSlowDraw(this.#slowTop));
    this.#ends.push(
      () => sizes.disconnect(),
      onTokensChange(() => this.#replan()),
      highlightedRun.subscribe(redrawTop),
      selectedRuns.subscribe(redrawTop),
      crosshair.subscribe(() => {
        if (this.#hasCross || this.#isUnderPointer()) planDraw(this.#top);
        else planFollowing(this.#cross);
      }),
      pin.subscribe(() => {
        this.#tellPin();
        redrawTop();
      }),
      gesture.subscribe(() => this.#gesture.follow(this.#built?.axis ?? null)),
      followPointer(element, this.#pointerTarget()),
      followKeys(element, this.#keyTarget()),
      () => this.#gesture.destroy(),
    );
  }

  /** Draw these curves, in this way. The arrays must not change afterwards. */
  set(title: string, curves: readonly Curve[], view: LineView): void {
    // a range of the former axis is none of the new one
    if (view.axis !== this.#view.axis || view.axisBy !== this.#view.axisBy) this.#gesture.end(false);
    else if (view.zoom !== this.#view.zoom) this.#gesture.settle();
    this.#title = title;
    this.#curves = curves;
    this.#view = view;
    this.#isOutdated = true;
    this.#replan();
  }

  /** Where things lie now; null before there is anything to draw. */
  get frame(): Frame | null {
    this.#catchUp();
    return this.#frame;
  }

  /** The frame where its places are places of the view's axis; null until curves over it are drawn. */
  get frameOfView(): Frame | null {
    this.#catchUp();
    return this.#isOfView() ? this.#frame : null;
  }

  /** The curve nearest to a point of the element; null if none is near enough. */
  curveAt(px: number, py: number): BuiltLine | null {
    this.#catchUp();
    return this.#built && this.#frame && curveAt(this.#built.lines, this.#frame, px, py);
  }

  /** Pin the tooltip at a place of the element, where nothing of this panel is pinned; else unpin it. */
  togglePin(px: number, py: number): void {
    if (this.#pin.isOwn) this.unpin();
    else this.#pinAt(px, py, false);
  }

  /** Take this panel's pin away, if it has one. */
  unpin(): void {
    if (!this.#pin.isOwn) return;
    pin.set(null);
    this.#walker.say("Unpinned");
  }

  destroy(): void {
    this.#leave();
    this.#pin.destroy();
    for (const end of this.#ends) end();
    clearTimeout(this.#pause);
    for (const item of [this.#base, this.#top, this.#slowTop, this.#cross, this.#move]) dropDraw(item);
    this.#walker.destroy();
    this.#followed.destroy();
    this.#layers.destroy();
  }

  #replan(): void {
    this.#paint = null;
    planSlowDraw(this.#base);
  }

  #measure(): void {
    this.#width = this.#element.clientWidth;
    this.#height = this.#element.clientHeight;
  }

  #isTooSmall(): boolean {
    return this.#width < SMALLEST_PX || this.#height < SMALLEST_PX;
  }

  /** Make the picture of the curves, and show it with its axes when it is finished. */
  #drawBase(deadline: number): boolean {
    if (this.#isTooSmall()) return true;
    this.#paint ??= this.#beginPaint();
    const { lines, frame } = this.#paint;
    if (!lines.step(deadline)) return false;
    this.#paint = null;
    this.#layers.putLines(lines.toImage(), frame);
    this.#events.onDensity(lines instanceof DensityPaint ? lines.most : null);
    if (this.#gesture.range && this.#frame) {
      // it went on meanwhile
      this.#layers.moveLines(this.#frame);
      this.#drawTop();
      return true;
    }
    this.#take(frame);
    this.#drawAxes(frame);
    this.#drawTop();
    this.#tellPin();
    return true;
  }

  #beginPaint() {
    const built = this.#built && !this.#isOutdated ? this.#built : this.#build();
    const frame = this.#frameOf(this.#rangesToShow(built));
    const ratio = window.devicePixelRatio || 1;
    const lines = built.isDense
      ? new DensityPaint(frame, built.lines, this.#view.band !== "none", ratio)
      : new LinesPaint(frame, built.lines, this.#lookOf(built, frame), ratio);
    return { lines, frame };
  }

  #build(): BuiltChart {
    const built = buildChart(this.#curves, this.#view, this.#cache);
    this.#built = built;
    this.#isOutdated = false;
    // a place on the old axis means nothing on the new one
    if (this.#hover && this.#framedAxis !== built.axis.key) this.#leave();
    if (!this.#view.zoom) this.#gesture.whole = built.x;
    this.#events.onOwnRanges(built.own);
    return built;
  }

  #take(frame: Frame): void {
    this.#frame = frame;
    this.#framed = this.#view;
    this.#framedAxis = this.#built?.axis.key ?? null;
  }

  /**
   * Input acts on the newest curves, also before they are drawn. A pointer means what is on the screen, if there
   * is a curve; keys mean what is known.
   */
  #catchUp(isByKey = false): void {
    const isOnScreen = this.#frame !== null && this.#built !== null && this.#built.lines.length > 0;
    if (!this.#isOutdated || (isOnScreen && !isByKey) || this.#gesture.range) return;
    if (this.#width === 0) this.#measure();
    if (!this.#isTooSmall()) this.#take(this.#frameOf(this.#rangesToShow(this.#build())));
  }

  /** New points do not move the chart under the pointer: it keeps its ranges until the pointer leaves. */
  #rangesToShow(built: BuiltChart): { x: Range; y: Range } {
    const frame = this.#frame;
    const live = this.#gesture.range;
    if (live) return { x: live, y: frame?.y ?? built.y };
    const isSame = this.#framed !== null && isSameButShared(this.#framed, this.#view);
    return frame !== null && this.#hover !== null && isSame ? frame : built;
  }

  #frameOf({ x, y }: { x: Range; y: Range }): Frame {
    const { xScale, yScale } = this.#view;
    const hasFlags = (this.#built?.flags.length ?? 0) > 0;
    return frameOf({ width: this.#width, height: this.#height, x, y, xScale, yScale, hasFlags });
  }

  #drawAxes(frame: Frame): void {
    const { axis, lines } = this.#built!;
    const pen = this.#layers.axesPen(frame);
    const hasValues = lines.some((line) => line.x.length > 0);
    paintAxes(pen, frame, axis, hasValues, nonfiniteRoom(pen, frame, lines));
  }

  /** During a gesture: the axes follow, the picture is moved, a new one is made when there is time. */
  #drawMoved(): void {
    const live = this.#gesture.range;
    if (!this.#built || !this.#frame || this.#isTooSmall()) return;
    if (!live) {
      this.#replan();
      return;
    }
    this.#frame = this.#frameOf({ x: live, y: this.#frame.y });
    this.#drawAxes(this.#frame);
    this.#layers.moveLines(this.#frame);
    this.#drawTop();
    this.#tellPin();
    this.#repaintInPause();
  }

  /** The chart under the pointer is repainted as often as there is time, those that follow it in a pause. */
  #repaintInPause(): void {
    clearTimeout(this.#pause);
    if (gesture.get()?.from === this) planSlowDraw(this.#base);
    else this.#pause = setTimeout(() => planSlowDraw(this.#base), PAUSE_MILLIS);
  }

  #drawTop(): void {
    const built = this.#built;
    const frame = this.#frame;
    if (!built || !frame || this.#isTooSmall()) return;
    dropDraw(this.#slowTop);
    const { lines } = built;
    const highlighted = highlightIn(this);
    const highlightedLines = this.#highlightedLines();
    const hasHighlight = highlightedLines.length > 0;
    const isDim = hasHighlight && highlightedLines.length < lines.length;
    this.#layers.dimLines(!isDim ? 1 : built.isDense ? DIM_DENSITY : DIM_CURVES);
    const pen = this.#layers.topPen(frame, this.#isUnderPointer());
    if (built.isDense) {
      paintOnTop(pen, frame, lines);
      for (const line of highlightedLines) paintCasing(pen, frame, line, HIGHLIGHT_WIDTH);
    }
    this.#paintHighlighted(pen, frame, highlightedLines);
    paintMarks(pen, frame, built, hasHighlight ? highlighted : null);
    if (this.#selected) paintSelection(pen, frame, this.#selected[0], this.#selected[1]);
    this.#pin.paint(pen, { built, frame });
    this.#followCross();
    const x = this.#crossX(built, frame);
    this.#hasCross = x !== null && this.#isUnderPointer();
    if (x === null || !this.#hasCross) return;
    paintCross(pen, frame, x);
    const hits = built.isDense ? hitsAt(highlightedLines, x) : (this.#hover?.hits ?? []);
    for (const { line, at } of hits) {
      const isHighlighted = line.highlightId === highlighted;
      paintCrossDot(pen, frame, line, at, { isHighlighted, isDim: hasHighlight && !isHighlighted });
    }
    paintBadge(pen, frame, x, badgeOf(built.axis, x));
  }

  /** The crosshair of another chart. */
  #followCross(): void {
    const [built, frame] = [this.#built, this.#frame];
    if (!built || !frame || this.#isTooSmall()) return;
    const x = this.#isUnderPointer() ? null : this.#crossX(built, frame);
    if (x === null) this.#followed.hide();
    else this.#followed.show(frame, x, hitsAt(this.#highlightedLines(), x));
  }

  /** Where the crosshair stands in this chart; null: nowhere. */
  #crossX(built: BuiltChart, frame: Frame): number | null {
    const cross = crosshair.get();
    if (!cross || cross.axis !== built.axis.key || !(isSynced.get() || this.#isUnderPointer())) return null;
    return cross.x < frame.x[0] || cross.x > frame.x[1] ? null : cross.x;
  }

  /** Whether the crosshair is this chart's own. */
  #isUnderPointer(): boolean {
    return crosshair.get()?.from === this;
  }

  #highlightedLines(): readonly BuiltLine[] {
    const highlighted = highlightIn(this);
    if (highlighted === null || !this.#built) return [];
    return this.#built.lines.filter((line) => line.highlightId === highlighted);
  }

  /** A density has no bands: how much those of all curves lie over each other is not asked. */
  #lookOf({ lines, isDense }: BuiltChart, frame: Frame): LinesLook {
    const { hasRaw } = this.#view;
    return isDense ? { bandAlpha: 0, hasRaw, areaAlpha: 0 } : linesLook(this.#view, lines, frame);
  }

  #paintHighlighted(
    pen: CanvasRenderingContext2D,
    frame: Frame,
    highlightedLines: readonly BuiltLine[],
  ): void {
    if (highlightedLines.length === 0) return;
    const look = highlightLook(this.#view, this.#built!);
    for (const line of highlightedLines) paintHighlighted(pen, frame, line, look);
  }

  #tellPin(): void {
    const [title, built, frame] = [this.#title, this.#built, this.#frame];
    if (built && frame) this.#pin.tell({ title, built, frame });
  }

  #pinAt(px: number, py: number, isByKey: boolean): boolean {
    this.#catchUp();
    const [built, frame] = [this.#built, this.#frame];
    const label = built && frame && this.#pin.setAt({ built, frame }, px, py, isByKey);
    if (label) this.#walker.say(`Pinned at ${label}`);
    return Boolean(label);
  }

  #leave(): void {
    const { x, y } = this.#built ?? {};
    if (this.#hover && !this.#gesture.range && (this.#frame?.x !== x || this.#frame?.y !== y)) this.#replan();
    this.#hover = null;
    if (crosshair.get()?.from !== this) return;
    crosshair.set(null);
    tip.set(null);
    endHighlight();
  }

  /** The pointer, or the keyboard's crosshair, is at this place of the element. */
  #pointAt(px: number, py: number): Hover | null {
    this.#catchUp();
    const frame = this.#frame;
    const built = this.#built;
    const isInPlot = frame !== null && px >= frame.left && px <= frame.right;
    const hover = isInPlot && built ? hoverAt(built, frame, px, py, this.#view.tipRows) : null;
    if (!hover || !built) {
      this.#leave();
      return null;
    }
    this.#hover = hover;
    crosshair.set({ axis: built.axis.key, x: hover.x, from: this });
    if (this.#selected) {
      // nothing may cover or dim what is being chosen
      tip.set(null);
      endHighlight();
      return hover;
    }
    highlightInPassing(this, hover.near?.line.highlightId ?? null);
    if (!this.#events.hasTip) return hover;
    const box = this.#element.getBoundingClientRect();
    const { rows, marks, nHigher, nLower, label } = hover;
    tip.set({
      title: this.#title,
      at: label,
      rows,
      marks,
      nHigher,
      nLower,
      left: box.left + px,
      top: box.top + py,
      ceiling: box.top + (frame?.top ?? 0),
      floor: box.bottom - (this.#height - (frame?.floor ?? 0)) - 4,
    });
    return hover;
  }

  #pointerTarget() {
    const frame = () => this.frame;
    return {
      get frame() {
        return frame();
      },
      moveTo: (px: number, py: number) => void this.#pointAt(px, py),
      leave: () => this.#leave(),
      select: (range: readonly [number, number] | null) => {
        this.#selected = range;
        planDraw(this.#top);
      },
      zoom: ([from, to]: readonly [number, number]) => {
        const now = this.#frame;
        if (now && this.#isOfView()) this.#events.onZoom([now.xAt(from), now.xAt(to)]);
      },
      resetZoom: () => this.#events.onResetZoom(),
      pan: (px: number, from: number) =>
        this.#withGesture((now, axis) => this.#gesture.pan(now, axis, px, from)),
      panned: (apply: boolean) => this.#gesture.end(apply),
      wheel: (px: number, factor: number) =>
        this.#withGesture((now, axis) => this.#gesture.wheel(now, axis, px, factor)),
      wheelAside: (px: number) => {
        if (!this.#view.zoom && !this.#gesture.range) return false;
        this.#withGesture((now, axis) => this.#gesture.wheelAside(now, axis, px));
        return true;
      },
    };
  }

  #withGesture(act: (frame: Frame, axis: string) => void): void {
    this.#catchUp();
    if (!this.#frame || !this.#framedAxis || !this.#isOfView()) return;
    tip.set(null);
    act(this.#frame, this.#framedAxis);
  }

  /** Whether places of the frame are places of the view's axis: while curves over it are on their way, they are not. */
  #isOfView(): boolean {
    const { axis, isFormer } = axisOfCurves(this.#curves, this.#view);
    return this.#curves.length > 0 && !isFormer && this.#framedAxis === axis.key;
  }

  #keyTarget() {
    const at = () => {
      this.#catchUp(true);
      return { lines: this.#built?.lines ?? [], frame: this.#frame, hover: this.#hover };
    };
    const middle = (frame: Frame) =>
      this.#hover ? frame.xPx(this.#hover.x) : (frame.left + frame.right) / 2;
    return {
      walk: (points: number) => {
        const beyond = this.#walker.walk(at(), points);
        if (beyond !== null)
          this.#withGesture((now, axis) => this.#gesture.wheelAside(now, axis, now.left - beyond));
      },
      climb: (by: 1 | -1) => this.#walker.climb(at(), by),
      zoomBy: (factor: number) =>
        this.#withGesture((now, axis) => this.#gesture.wheel(now, axis, middle(now), factor)),
      panBy: (part: number) =>
        this.#withGesture((now, axis) => this.#gesture.wheelAside(now, axis, -part * (now.right - now.left))),
      resetZoom: () => this.#events.onResetZoom(),
      choose: () => {
        const near = this.#hover?.near;
        const now = this.#frame;
        if (!near || !now) return false;
        const { line, at: point } = near;
        this.#events.onChoose(line, now.xPx(line.x[point]!), now.yPx(line.y[point]!));
        return true;
      },
      pin: () => {
        const [hover, now] = [this.#hover, this.#frame];
        if (hover && now) {
          const { near } = hover;
          const py = near ? now.yPx(near.line.y[near.at]!) : (now.top + now.floor) / 2;
          return this.#pinAt(now.xPx(hover.x), Math.max(now.top, Math.min(now.floor, py)), true);
        }
        const pinned = pin.get();
        if (!pinned || !this.#pin.isOwn) return false;
        pin.set({ ...pinned, isByKey: true });
        return true;
      },
      dismiss: () => this.#leave(),
      clear: () => {
        const wasActive = this.#hover !== null || pin.get() !== null;
        this.#leave();
        pin.set(null);
        return wasActive;
      },
    };
  }
}

/** Whether two views differ at most in ranges that other charts have changed. */
function isSameButShared(a: LineView, b: LineView): boolean {
  if (a === b) return true;
  const keys = Object.keys(b) as (keyof LineView)[];
  return keys.every((key) => key === "sharedX" || key === "sharedY" || Object.is(a[key], b[key]));
}
