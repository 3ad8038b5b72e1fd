/**
 * A bar chart on its own element: one bar for each run or group, with whiskers, always from zero.
 */

import { formatCount, formatTick, formatValue } from "@/data/format";
import { litRun } from "../shared-state";
import { type Ctx, paintText, Surface } from "../surface";
import { runToken, token } from "../tokens";
import { type Bar, type BarLayout, type BarRow, layOutBars } from "./bar-layout";

export interface BarHover {
  readonly id: string;
  readonly left: number;
  readonly top: number;
}

const SIDE = { right: 12, top: 4, bottom: 22, gap: 8 } as const;
/** Names take no more of the width than this. */
const NAME_PART = 0.34;
const VALUE_PX = 48;
const DIMMED = 0.3;

export class BarChart {
  readonly #surface: Surface;
  readonly #onHover: (hover: BarHover | null) => void;
  #rows: readonly BarRow[] = [];
  #layout: BarLayout | null = null;
  #left = 0;
  #right = 0;
  #hovered: string | null = null;

  constructor(element: HTMLElement, onHover: (hover: BarHover | null) => void) {
    this.#onHover = onHover;
    this.#surface = new Surface(element, {
      paintBase: (ctx, width, height) => this.#paintBase(ctx, width, height),
      paintTop: (ctx) => this.#paintTop(ctx),
    });
    const unbind = new AbortController();
    const { signal } = unbind;
    element.addEventListener("pointermove", (event) => this.#move(event), { signal });
    element.addEventListener("pointerleave", () => this.#leave(), { signal });
    this.#surface.onEnd(() => unbind.abort());
  }

  set(rows: readonly BarRow[]): void {
    this.#rows = rows;
    this.#surface.planBase();
  }

  destroy(): void {
    this.#leave();
    this.#surface.destroy();
  }

  #xPx(value: number, { lo, hi }: BarLayout): number {
    return this.#left + ((value - lo) / (hi - lo)) * (this.#right - this.#left);
  }

  #paintBase(ctx: Ctx, width: number, height: number): void {
    ctx.font = `400 11px ${token("font")}`;
    const widest = this.#rows.reduce((px, row) => Math.max(px, ctx.measureText(row.name).width), 0);
    this.#left = 12 + Math.min(Math.ceil(widest), Math.floor(width * NAME_PART)) + SIDE.gap;
    this.#right = width - SIDE.right - VALUE_PX;
    const layout = layOutBars(this.#rows, this.#right - this.#left, height - SIDE.top - SIDE.bottom);
    this.#layout = layout;
    const floor = height - SIDE.bottom;
    ctx.lineWidth = 1;
    for (const tick of layout.ticks) {
      const x = Math.round(this.#xPx(tick, layout)) + 0.5;
      ctx.strokeStyle = token(tick === 0 ? "axis" : "grid");
      ctx.beginPath();
      ctx.moveTo(x, SIDE.top);
      ctx.lineTo(x, floor);
      ctx.stroke();
      paintText(ctx, formatTick(tick), x, floor + 11, { align: "center" });
    }
    for (const bar of layout.bars) this.#paintBar(ctx, bar, layout, width);
    if (layout.nLeft > 0)
      paintText(ctx, `${formatCount(layout.nLeft)} more`, this.#left, floor - 7, { size: 11 });
  }

  #paintBar(ctx: Ctx, bar: Bar, layout: BarLayout, width: number): void {
    const y = SIDE.top + bar.y;
    const half = layout.thickness / 2;
    const zero = this.#xPx(0, layout);
    const end = this.#xPx(bar.value, layout);
    paintText(ctx, bar.name, this.#left - SIDE.gap, y, {
      align: "right",
      size: 11,
      color: "text-2",
      most: this.#left - SIDE.gap - 12,
      cut: "middle",
    });
    ctx.fillStyle = runToken(bar.color);
    ctx.beginPath();
    const [from, to] = [Math.min(zero, end), Math.max(zero, end)];
    ctx.roundRect(from, y - half, Math.max(1, to - from), half * 2, end < zero ? [2, 0, 0, 2] : [0, 2, 2, 0]);
    ctx.fill();
    if (bar.low !== null && bar.high !== null && bar.low < bar.high) {
      const [low, high] = [this.#xPx(bar.low, layout), this.#xPx(bar.high, layout)];
      ctx.strokeStyle = token("text");
      ctx.lineWidth = 1.2;
      ctx.beginPath();
      ctx.moveTo(low, y);
      ctx.lineTo(high, y);
      for (const x of [low, high]) {
        ctx.moveTo(x, y - 3);
        ctx.lineTo(x, y + 3);
      }
      ctx.stroke();
    }
    paintText(ctx, formatValue(bar.value), width - SIDE.right, y, {
      align: "right",
      size: 11,
      weight: 500,
      color: "text",
    });
  }

  #paintTop(ctx: Ctx): void {
    const lit = litRun.get();
    const layout = this.#layout;
    const bar = lit === null ? undefined : layout?.bars.find((b) => b.id === lit);
    this.#surface.dim(bar ? DIMMED : 1);
    if (bar && layout) this.#paintBar(ctx, bar, layout, this.#surface.element.clientWidth);
  }

  #move(event: PointerEvent): void {
    const box = this.#surface.element.getBoundingClientRect();
    const layout = this.#layout;
    const y = event.clientY - box.top - SIDE.top;
    const step = layout && layout.bars.length > 0 ? layout.bars[0]!.y * 2 : 0;
    const bar = step > 0 ? layout?.bars[Math.floor(y / step)] : undefined;
    if (!bar || !layout || y < 0) {
      this.#leave();
      return;
    }
    if (bar.id === this.#hovered) return;
    this.#hovered = bar.id;
    litRun.set(bar.id);
    this.#onHover({
      id: bar.id,
      left: box.left + this.#xPx(bar.value, layout),
      top: box.top + SIDE.top + bar.y,
    });
  }

  #leave(): void {
    if (this.#hovered === null) return;
    if (litRun.get() === this.#hovered) litRun.set(null);
    this.#hovered = null;
    this.#onHover(null);
  }
}
