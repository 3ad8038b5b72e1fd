/**
 * A scatter chart on its own element: one dot for each run, one column of the runs table against another.
 */

import { formatTick } from "@/data/text/format";
import { MARGIN } from "../axis/scale";
import { numberAt, valueTicks } from "../axis/value-axis";
import { paintRamp, RAMP_PX, rampColor } from "../ramp";
import { highlightedRun } from "../shared-state";
import { type Ctx, paintText, Surface } from "../surface";
import { runToken, token } from "../tokens";
import {
  type Dot,
  layOutScatter,
  nearestDot,
  type ScatterLayout,
  type ScatterPoint,
  type ScatterView,
} from "./scatter-layout";

/** The run under the pointer, and where its dot is in px of the viewport. */
export interface ScatterHover {
  readonly id: string;
  readonly left: number;
  readonly top: number;
}

/** Below the labels of the x axis stands its name. */
const SIDE = { ...MARGIN, bottom: 36 } as const;
const DOT_PX = 4.5;
const HIGHLIGHT_PX = 6.5;
/** Width of the outline of a hidden run's dot. */
const HOLLOW_PX = 1.6;
const NEAR_PX = 18;
const DIMMED = 0.26;

export interface ScatterContent {
  readonly points: readonly ScatterPoint[];
  readonly view: ScatterView;
}

export class ScatterChart {
  readonly #surface: Surface;
  readonly #onHover: (hover: ScatterHover | null) => void;
  #layout: ScatterLayout | null = null;
  #view: ScatterView | null = null;
  #size = { width: 0, height: 0 };
  #hovered: string | null = null;

  constructor(element: HTMLElement, onHover: (hover: ScatterHover | null) => void) {
    this.#onHover = onHover;
    this.#surface = new Surface(element, {
      paintBase: (ctx, width, height) => this.#paintBase(ctx, width, height),
      paintTop: (ctx) => this.#paintTop(ctx),
    });
    const unbind = new AbortController();
    const { signal } = unbind;
    element.addEventListener("pointermove", (event) => this.#move(event), { signal });
    element.addEventListener("pointerleave", () => this.#leave(), { signal });
    element.addEventListener("keydown", (event) => this.#key(event), { signal });
    element.addEventListener("blur", () => this.#leave(), { signal });
    this.#surface.onEnd(() => unbind.abort());
  }

  set({ points, view }: ScatterContent): void {
    this.#view = view;
    this.#layout = layOutScatter(points, view);
    this.#surface.planBase();
  }

  destroy(): void {
    this.#leave();
    this.#surface.destroy();
  }

  #right(): number {
    return this.#size.width - (this.#layout?.ramp ? RAMP_PX : SIDE.right);
  }

  readonly #xPx = (x: number) => SIDE.left + x * (this.#right() - SIDE.left);
  readonly #yPx = (y: number) => {
    const floor = this.#size.height - SIDE.bottom;
    return floor - y * (floor - SIDE.top);
  };

  #paintBase(ctx: Ctx, width: number, height: number): void {
    this.#size = { width, height };
    const layout = this.#layout;
    if (!layout || !this.#view) return;
    this.#paintAxes(ctx, layout, this.#view);
    if (layout.fit) this.#paintFit(ctx, layout.fit);
    // an outline covers no dot of a shown run
    for (const isShown of [false, true])
      for (const dot of layout.dots)
        if (dot.isShown === isShown) paintDot(ctx, dot, this.#xPx(dot.x), this.#yPx(dot.y), false);
    const { ramp } = layout;
    if (ramp)
      paintRamp(
        ctx,
        {
          title: this.#view.tintLabel ?? "",
          low: formatTick(Number(numberAt(ramp, 0).toPrecision(3))),
          high: formatTick(Number(numberAt(ramp, 1).toPrecision(3))),
        },
        { width, top: SIDE.top, bottom: height - SIDE.bottom },
      );
  }

  #paintAxes(ctx: Ctx, { x, y }: ScatterLayout, view: ScatterView): void {
    const { height } = this.#size;
    const [left, right, floor] = [SIDE.left, this.#right(), height - SIDE.bottom];
    ctx.lineWidth = 1;
    ctx.strokeStyle = token("grid");
    ctx.beginPath();
    for (const { fraction, text } of valueTicks(y, floor - SIDE.top, 38)) {
      const py = Math.round(this.#yPx(fraction)) + 0.5;
      ctx.moveTo(left, py);
      ctx.lineTo(right, py);
      paintText(ctx, text, left - 7, py, { align: "right", most: SIDE.left - 9 });
    }
    ctx.stroke();
    ctx.strokeStyle = token("axis");
    ctx.beginPath();
    ctx.moveTo(left, floor + 0.5);
    ctx.lineTo(right, floor + 0.5);
    const ticks = valueTicks(x, right - left, 76);
    for (const { fraction, text } of ticks) {
      const px = Math.round(this.#xPx(fraction)) + 0.5;
      ctx.moveTo(px, floor);
      ctx.lineTo(px, floor + 3);
      paintText(ctx, text, px, floor + 11, { align: "center", most: (right - left) / ticks.length - 6 });
    }
    ctx.stroke();
    paintText(ctx, view.xLabel, (left + right) / 2, height - 9, {
      align: "center",
      color: "text-2",
      most: right - left,
    });
  }

  #paintFit(ctx: Ctx, [from, to]: readonly [number, number]): void {
    ctx.save();
    ctx.beginPath();
    ctx.rect(SIDE.left, SIDE.top, this.#right() - SIDE.left, this.#size.height - SIDE.top - SIDE.bottom);
    ctx.clip();
    ctx.setLineDash([5, 3.5]);
    ctx.strokeStyle = token("text-2");
    ctx.lineWidth = 1.2;
    ctx.beginPath();
    ctx.moveTo(this.#xPx(0), this.#yPx(from));
    ctx.lineTo(this.#xPx(1), this.#yPx(to));
    ctx.stroke();
    ctx.restore();
  }

  #paintTop(ctx: Ctx): void {
    const highlighted = highlightedRun.get();
    const dot = highlighted === null ? undefined : this.#layout?.dots.find((d) => d.id === highlighted);
    this.#surface.dim(dot ? DIMMED : 1);
    if (dot) paintDot(ctx, dot, this.#xPx(dot.x), this.#yPx(dot.y), true);
  }

  #move(event: PointerEvent): void {
    const box = this.#surface.element.getBoundingClientRect();
    const pointer = [event.clientX - box.left, event.clientY - box.top] as const;
    const dot = nearestDot(this.#layout?.dots ?? [], this.#xPx, this.#yPx, pointer, NEAR_PX);
    if (!dot) {
      this.#leave();
      return;
    }
    if (dot.id !== this.#hovered) this.#tell(dot);
  }

  #tell(dot: Dot): void {
    const box = this.#surface.element.getBoundingClientRect();
    this.#hovered = dot.id;
    highlightedRun.set(dot.id);
    this.#onHover({ id: dot.id, left: box.left + this.#xPx(dot.x), top: box.top + this.#yPx(dot.y) });
  }

  /** From dot to dot along x. */
  #key(event: KeyboardEvent): void {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const dots = [...(this.#layout?.dots ?? [])].sort((a, b) => a.x - b.x);
    if (step === undefined || dots.length === 0) return;
    event.preventDefault();
    event.stopPropagation();
    const at = dots.findIndex((dot) => dot.id === this.#hovered);
    this.#tell(dots[at < 0 ? 0 : Math.max(0, Math.min(dots.length - 1, at + step))]!);
  }

  #leave(): void {
    if (this.#hovered === null) return;
    if (highlightedRun.get() === this.#hovered) highlightedRun.set(null);
    this.#hovered = null;
    this.#onHover(null);
  }
}

function paintDot(ctx: Ctx, dot: Dot, x: number, y: number, isHighlighted: boolean): void {
  const color =
    dot.color !== null
      ? runToken(dot.color)
      : dot.ramp !== null
        ? rampColor(dot.ramp)
        : token("border-control");
  ctx.beginPath();
  ctx.arc(x, y, isHighlighted ? HIGHLIGHT_PX : DOT_PX, 0, 2 * Math.PI);
  ctx.fillStyle = dot.isShown ? color : token("surface");
  ctx.fill();
  ctx.lineWidth = isHighlighted ? 2 : dot.isShown ? 1.2 : HOLLOW_PX;
  ctx.strokeStyle = dot.isShown ? token(isHighlighted ? "text" : "surface") : color;
  ctx.stroke();
}
