/**
 * A line chart on its own element: decides what is drawn and when. `line-build`, `paint/` and `pointer/` do the work.
 *
 * Last step of the data's way: it receives curves from `panels/line/` and puts pixels on the screen.
 */

import { type Frame, frameOf, type Range } from "../axis/scale";
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
import { type Curve, FIRST_LINE_VIEW, isSameButShared, type LineView } from "./curve";
import { axisOfCurves, type BuiltChart, buildChart, type PointsCache } from "./line-build";
import type { LineEvents } from "./line-events";
import { paintAxes } from "./paint/axes-render";
import { type CurvesPaint, curvesPaint } from "./paint/curves-paint";
import { DensityPaint } from "./paint/density-paint";
import { FollowedCross } from "./paint/followed-cross";
import { Layers } from "./paint/layers";
import { markRows } from "./paint/mark-render";
import { opacityUnder, paintTop } from "./paint/top-render";
import { ChartPin } from "./pointer/chart-pin";
import { GestureRange } from "./pointer/gesture";
import { type Hover, hitsAt, hoverAt, isOfOthers, tipAt } from "./pointer/hover";
import { followKeys } from "./pointer/keyboard";
import { curveAt } from "./pointer/pick";
import { followPointer } from "./pointer/pointer";
import { type InputChart, keyTarget, pointerTarget } from "./pointer/targets";
import { Walker } from "./pointer/walker";

/** A gesture that stands still for so long leaves time for the other charts. */
const PAUSE_MILLIS = 100;
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
  #paint: { readonly lines: CurvesPaint; readonly frame: Frame } | null = null;
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
    const input = this.#inputChart();
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
        if (this.#hover && this.#pin.isAt(this.#hover.x)) tip.set(null);
        redrawTop();
      }),
      gesture.subscribe(() => this.#gesture.follow(this.#built?.axis ?? null)),
      followPointer(element, pointerTarget(input)),
      followKeys(element, keyTarget(input)),
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
    return { lines: curvesPaint(built, frame, this.#view), frame };
  }

  #build(): BuiltChart {
    const built = buildChart(this.#curves, this.#view, this.#cache);
    this.#built = built;
    this.#isOutdated = false;
    // a place on the old axis means nothing on the new one
    if (this.#hover && (this.#framedAxis !== built.axis.key || isOfOthers(this.#hover, built))) this.#leave();
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
    const rows = markRows(this.#built);
    return frameOf({ width: this.#width, height: this.#height, x, y, xScale, yScale, ...rows });
  }

  #drawAxes(frame: Frame): void {
    const { axis, values } = this.#built!;
    paintAxes(this.#layers.axesPen(frame), frame, axis, values);
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
    const highlightedLines = this.#highlightedLines();
    this.#layers.dimLines(opacityUnder(highlightedLines, built));
    const x = this.#crossX(built, frame);
    this.#hasCross = x !== null && this.#isUnderPointer();
    this.#followCross();
    const pen = this.#layers.topPen(frame, this.#isUnderPointer());
    paintTop(pen, this.#pin, {
      built,
      frame,
      view: this.#view,
      highlighted: highlightIn(this),
      highlightedLines,
      selected: this.#selected,
      x: this.#hasCross ? x : null,
      hits: this.#hover?.hits ?? [],
    });
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
    if (!hover || !built || !frame) {
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
    const box = this.#element.getBoundingClientRect();
    // the pinned tooltip says the same
    const hasTip = this.#events.hasTip && !this.#pin.isAt(hover.x);
    if (this.#events.hasTip)
      tip.set(hasTip ? tipAt(hover, { title: this.#title, box, frame, px, py }) : null);
    return hover;
  }

  #inputChart(): InputChart {
    const now = () => ({
      lines: this.#built?.lines ?? [],
      frame: this.#frame,
      axis: this.#framedAxis,
      hover: this.#hover,
    });
    return {
      events: this.#events,
      gesture: this.#gesture,
      walker: this.#walker,
      pin: this.#pin,
      now,
      catchUp: (isByKey) => {
        this.#catchUp(isByKey);
        return now();
      },
      isOfView: () => this.#isOfView(),
      isZoomed: () => this.#view.zoom !== null || this.#gesture.range !== null,
      pointAt: (px, py) => void this.#pointAt(px, py),
      leave: () => this.#leave(),
      select: (range) => {
        this.#selected = range;
        planDraw(this.#top);
      },
      pinAt: (px, py, isByKey) => this.#pinAt(px, py, isByKey),
    };
  }

  /** Whether places of the frame are places of the view's axis: while curves over it are on their way, they are not. */
  #isOfView(): boolean {
    const { axis, isFormer } = axisOfCurves(this.#curves, this.#view);
    return this.#curves.length > 0 && !isFormer && this.#framedAxis === axis.key;
  }
}
