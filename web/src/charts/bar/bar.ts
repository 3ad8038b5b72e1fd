/**
 * A bar chart on its own element: for each run or group a bar from zero with a whisker, a box or a violin.
 */

import { formatCount, formatTick } from "@/data/text/format";
import { fittingName } from "@/data/text/name-cut";
import { partsOfNames } from "@/data/text/name-parts";
import { fillCircle, strokeLine } from "../pen";
import { followRuns, type RunHover, type RunMark } from "../run-pointer";
import { type Ctx, paintText, Surface } from "../surface";
import { runToken, token } from "../tokens";
import {
  type Bar,
  type BarLayout,
  type BarLook,
  type BarRow,
  heightOf,
  layOutBars,
  valueText,
} from "./bar-layout";
import type { Box, Outline } from "./distribution";

export interface BarContent {
  readonly rows: readonly BarRow[];
  readonly look: BarLook;
}

const SIDE = { right: 12, top: 4, bottom: 22, gap: 8 } as const;
const NAME_LEFT = 12;
/** Names take no more of the width than this. */
const NAME_PART = 0.34;
const VALUE_PX = 48;
const DIMMED = 0.3;
/** Opacity of the inside of a box or violin. */
const FILL_ALPHA = 0.28;
/** No violin is thinner than this, px: where few values are it still goes on. */
const LEAST_HALF_PX = 0.75;

/** The height of a chart in which all of some rows have room, px. */
export function chartHeightOf(nRows: number): number {
  return SIDE.top + heightOf(nRows) + SIDE.bottom;
}

function nameFont(): string {
  return `400 11px ${token("font")}`;
}

export class BarChart extends Surface<BarContent> {
  #layout: BarLayout | null = null;
  #parts = partsOfNames([]);
  #left = 0;
  #right = 0;

  constructor(element: HTMLElement, onHover: (hover: RunHover | null) => void) {
    super(element);
    followRuns(
      this,
      () => [],
      { onHover },
      (_, _px, py) => this.#markAt(py),
    );
  }

  #xPx(value: number, { lo, hi }: BarLayout): number {
    return this.#left + ((value - lo) / (hi - lo)) * (this.#right - this.#left);
  }

  protected paintBase(ctx: Ctx): void {
    const { width, height } = this;
    if (!this.content) return;
    ctx.font = nameFont();
    const { rows, look } = this.content;
    const widest = rows.reduce((px, row) => Math.max(px, ctx.measureText(row.name).width), 0);
    this.#parts = partsOfNames(rows.map(({ name }) => name));
    this.#left = NAME_LEFT + Math.min(Math.ceil(widest), Math.floor(width * NAME_PART)) + SIDE.gap;
    this.#right = width - SIDE.right - VALUE_PX;
    const room = height - SIDE.top - SIDE.bottom;
    const layout = layOutBars(rows, look, this.#right - this.#left, room);
    this.#layout = layout;
    const floor = height - SIDE.bottom;
    ctx.lineWidth = 1;
    for (const tick of layout.ticks) {
      const x = Math.round(this.#xPx(tick, layout)) + 0.5;
      ctx.strokeStyle = token(tick === 0 ? "axis" : "grid");
      strokeLine(ctx, x, SIDE.top, x, floor);
      paintText(ctx, formatTick(tick), x, floor + 11, { align: "center" });
    }
    for (const bar of layout.bars) this.#paintBar(ctx, bar, layout, width);
    if (layout.nLeft > 0)
      paintText(
        ctx,
        `first ${formatCount(layout.bars.length)} of ${formatCount(rows.length)}`,
        this.#left,
        floor - 7,
        { size: 11 },
      );
  }

  #paintBar(ctx: Ctx, bar: Bar, layout: BarLayout, width: number): void {
    const y = SIDE.top + bar.y;
    paintText(ctx, this.#nameOf(ctx, bar), this.#left - SIDE.gap, y, {
      align: "right",
      size: 11,
      color: "text-2",
    });
    if (bar.box) this.#paintBox(ctx, bar, bar.box, y, layout);
    else if (this.content?.look === "violin") this.#paintViolin(ctx, bar, bar.outline, y, layout);
    else this.#paintLength(ctx, bar, y, layout);
    paintText(ctx, valueText(bar.value), width - SIDE.right, y, {
      align: "right",
      size: 11,
      weight: 500,
      color: "text",
    });
  }

  /** A bar's name, cut to its room by what the names next to it share. */
  #nameOf(ctx: Ctx, { name }: Bar): string {
    const room = this.#left - SIDE.gap - NAME_LEFT;
    // the value of the bar before it was bold
    ctx.font = nameFont();
    return fittingName(name, this.#parts, room, (text) => ctx.measureText(text).width);
  }

  /** From zero to the value, with the whisker. */
  #paintLength(ctx: Ctx, bar: Bar, y: number, layout: BarLayout): void {
    const half = layout.thickness / 2;
    const zero = this.#xPx(0, layout);
    const end = this.#xPx(bar.value, layout);
    ctx.fillStyle = runToken(bar.color);
    ctx.beginPath();
    const [from, to] = [Math.min(zero, end), Math.max(zero, end)];
    ctx.roundRect(from, y - half, Math.max(1, to - from), half * 2, end < zero ? [2, 0, 0, 2] : [0, 2, 2, 0]);
    ctx.fill();
    if (bar.low === null || bar.high === null || bar.low >= bar.high) return;
    ctx.strokeStyle = token("text");
    ctx.lineWidth = 1.2;
    this.#strokeWhisker(ctx, bar.low, bar.high, y, 3, layout);
  }

  #paintBox(ctx: Ctx, bar: Bar, box: Box, y: number, layout: BarLayout): void {
    const half = layout.thickness / 2;
    const color = runToken(bar.color);
    ctx.strokeStyle = color;
    ctx.fillStyle = color;
    ctx.lineWidth = 1.2;
    this.#strokeWhisker(ctx, box.low, box.q1, y, half / 2, layout);
    this.#strokeWhisker(ctx, box.q3, box.high, y, half / 2, layout);
    const [q1, q3] = [this.#xPx(box.q1, layout), this.#xPx(box.q3, layout)];
    ctx.globalAlpha = FILL_ALPHA;
    ctx.fillRect(q1, y - half, Math.max(1, q3 - q1), half * 2);
    ctx.globalAlpha = 1;
    ctx.strokeRect(q1, y - half, Math.max(1, q3 - q1), half * 2);
    this.#paintCenter(ctx, box.median, y, half, layout);
    ctx.fillStyle = color;
    for (const v of box.outliers) {
      fillCircle(ctx, this.#xPx(v, layout), y, 2);
    }
  }

  #paintViolin(ctx: Ctx, bar: Bar, outline: Outline | null, y: number, layout: BarLayout): void {
    const half = layout.thickness / 2;
    if (outline) {
      const { at, half: part } = outline;
      const xs = at.map((v) => this.#xPx(v, layout));
      const halves = part.map((v) => Math.max(LEAST_HALF_PX, v * half));
      ctx.beginPath();
      ctx.moveTo(xs[0]!, y - halves[0]!);
      for (let i = 1; i < xs.length; i++) ctx.lineTo(xs[i]!, y - halves[i]!);
      for (let i = xs.length - 1; i >= 0; i--) ctx.lineTo(xs[i]!, y + halves[i]!);
      ctx.closePath();
      ctx.fillStyle = runToken(bar.color);
      ctx.globalAlpha = FILL_ALPHA;
      ctx.fill();
      ctx.globalAlpha = 1;
      ctx.strokeStyle = runToken(bar.color);
      ctx.lineWidth = 1.2;
      ctx.stroke();
    }
    this.#paintCenter(ctx, bar.value, y, half, layout);
  }

  /** A line across the row at one value. */
  #paintCenter(ctx: Ctx, value: number, y: number, half: number, layout: BarLayout): void {
    const x = this.#xPx(value, layout);
    ctx.fillStyle = token("text");
    ctx.fillRect(x - 1, y - half, 2, half * 2);
  }

  /** A line with a bar across each end. */
  #strokeWhisker(ctx: Ctx, from: number, to: number, y: number, halfEnd: number, layout: BarLayout): void {
    const ends = [this.#xPx(from, layout), this.#xPx(to, layout)] as const;
    ctx.beginPath();
    ctx.moveTo(ends[0], y);
    ctx.lineTo(ends[1], y);
    for (const x of ends) {
      ctx.moveTo(x, y - halfEnd);
      ctx.lineTo(x, y + halfEnd);
    }
    ctx.stroke();
  }

  protected override paintTop(ctx: Ctx): void {
    const layout = this.#layout;
    const bar = this.highlightedOf(layout?.bars ?? []);
    this.dim(bar ? DIMMED : 1);
    if (bar && layout) this.#paintBar(ctx, bar, layout, this.width);
  }

  /** The end of the bar in whose row a point is. */
  #markAt(py: number): RunMark | null {
    const layout = this.#layout;
    const step = layout && layout.bars.length > 0 ? layout.bars[0]!.y * 2 : 0;
    const bar = step > 0 && py >= SIDE.top ? layout?.bars[Math.floor((py - SIDE.top) / step)] : undefined;
    return bar && layout ? { id: bar.id, x: this.#xPx(bar.value, layout), y: SIDE.top + bar.y } : null;
  }
}
