/**
 * A heat map on its own element: histograms over steps, with a cursor that is dragged.
 */

import { formatTick } from "@/data/text/format";
import { MARGIN } from "../axis/scale";
import { labelTicks, linearTicks } from "../axis/ticks";
import { paintRamp, RAMP_PX, rampColor } from "../ramp";
import { type Ctx, paintText, Surface } from "../surface";
import { token } from "../tokens";
import { columnAt, type HeatMap, strengthOf } from "./heatmap-layout";

export interface HeatMapContent {
  readonly map: HeatMap;
  /** Text of an x in the badge: `Step 20,000`. */
  xLabel(x: number): string;
  xTick(x: number): string;
  /** The chosen column. */
  readonly at: number;
}

/** Fainter cells than this are left out. */
const FAINTEST = 0.004;

export class HeatMapChart {
  readonly #surface: Surface;
  readonly #onPick: (x: number) => void;
  #content: HeatMapContent | null = null;
  #size = { width: 0, height: 0 };
  #isDragged = false;

  constructor(element: HTMLElement, onPick: (x: number) => void) {
    this.#onPick = onPick;
    this.#surface = new Surface(element, {
      paintBase: (ctx, width, height) => this.#paintBase(ctx, width, height),
      paintTop: (ctx) => this.#paintTop(ctx),
    });
    const unbind = new AbortController();
    const { signal } = unbind;
    element.addEventListener(
      "pointerdown",
      (event) => {
        if (event.button !== 0) return;
        this.#isDragged = true;
        element.setPointerCapture(event.pointerId);
        this.#pick(event);
      },
      { signal },
    );
    element.addEventListener("pointermove", (event) => this.#isDragged && this.#pick(event), { signal });
    const end = () => {
      this.#isDragged = false;
    };
    element.addEventListener("pointerup", end, { signal });
    element.addEventListener("pointercancel", end, { signal });
    element.addEventListener("keydown", (event) => this.#key(event), { signal });
    this.#surface.onEnd(() => unbind.abort());
  }

  set(content: HeatMapContent): void {
    const isCursorOnly = this.#content?.map === content.map;
    this.#content = content;
    if (isCursorOnly) this.#surface.planTop();
    else this.#surface.planBase();
  }

  destroy(): void {
    this.#surface.destroy();
  }

  #range(): readonly [number, number] {
    const columns = this.#content?.map.columns ?? [];
    return [columns[0]?.from ?? 0, columns[columns.length - 1]?.to ?? 1];
  }

  #xPx(x: number): number {
    const [from, to] = this.#range();
    return MARGIN.left + ((x - from) / (to - from)) * (this.#size.width - MARGIN.left - RAMP_PX);
  }

  #yPx(value: number, map: HeatMap): number {
    const floor = this.#size.height - MARGIN.bottom;
    return floor - ((value - map.lo) / (map.hi - map.lo)) * (floor - MARGIN.top);
  }

  #paintBase(ctx: Ctx, width: number, height: number): void {
    this.#size = { width, height };
    const content = this.#content;
    if (!content) return;
    const { map } = content;
    const floor = height - MARGIN.bottom;
    const right = width - RAMP_PX;
    const step = (floor - MARGIN.top) / map.nBins;
    for (const { from, to, cells } of map.columns) {
      const [left, end] = [this.#xPx(from), this.#xPx(to)];
      for (let bin = 0; bin < map.nBins; bin++) {
        const strength = strengthOf(cells[bin]!, map.most);
        if (strength < FAINTEST) continue;
        ctx.fillStyle = rampColor(strength);
        ctx.globalAlpha = Math.min(1, strength * 14);
        ctx.fillRect(left, floor - (bin + 1) * step, end - left + 0.6, step + 0.6);
      }
    }
    ctx.globalAlpha = 1;
    this.#paintAxes(ctx, content, right, floor);
    paintRamp(
      ctx,
      { title: "values, log", low: "1", high: formatTick(Number(map.most.toPrecision(2))) },
      { width, top: MARGIN.top, bottom: floor },
    );
  }

  #paintAxes(ctx: Ctx, { map, xTick }: HeatMapContent, right: number, floor: number): void {
    ctx.lineWidth = 1;
    ctx.strokeStyle = token("axis");
    if (map.lo < 0 && map.hi > 0) {
      const zero = Math.round(this.#yPx(0, map)) + 0.5;
      ctx.setLineDash([2, 3]);
      ctx.beginPath();
      ctx.moveTo(MARGIN.left, zero);
      ctx.lineTo(right, zero);
      ctx.stroke();
      ctx.setLineDash([]);
    }
    const yTicks = linearTicks(map.lo, map.hi, Math.max(2, Math.round((floor - MARGIN.top) / 38)));
    const { texts } = labelTicks(yTicks);
    for (const [i, v] of yTicks.entries())
      paintText(ctx, texts[i]!, MARGIN.left - 7, this.#yPx(v, map), {
        align: "right",
        most: MARGIN.left - 9,
      });
    ctx.beginPath();
    ctx.moveTo(MARGIN.left, floor + 0.5);
    ctx.lineTo(right, floor + 0.5);
    const [from, to] = this.#range();
    for (const v of linearTicks(from, to, Math.max(3, Math.round((right - MARGIN.left) / 76)))) {
      const x = Math.round(this.#xPx(v)) + 0.5;
      ctx.moveTo(x, floor);
      ctx.lineTo(x, floor + 3);
      paintText(ctx, xTick(v), x, floor + 11, { align: "center" });
    }
    ctx.stroke();
  }

  #paintTop(ctx: Ctx): void {
    const content = this.#content;
    const column = content?.map.columns[content.at];
    if (!content || !column) return;
    const floor = this.#size.height - MARGIN.bottom;
    const x = Math.round(this.#xPx(column.source.x)) + 0.5;
    ctx.strokeStyle = token("text");
    ctx.lineWidth = 1;
    ctx.beginPath();
    ctx.moveTo(x, MARGIN.top - 4);
    ctx.lineTo(x, floor);
    ctx.stroke();
    const text = content.xLabel(column.source.x);
    ctx.font = `500 10px ${token("font")}`;
    const width = ctx.measureText(text).width + 10;
    const left = Math.max(0, Math.min(this.#size.width - width, x - width / 2));
    ctx.fillStyle = token("ink");
    ctx.beginPath();
    ctx.roundRect(left, floor + 3, width, 15, 3);
    ctx.fill();
    paintText(ctx, text, left + width / 2, floor + 11, {
      align: "center",
      size: 10,
      weight: 500,
      color: "on-ink",
    });
  }

  #pick(event: PointerEvent): void {
    const map = this.#content?.map;
    if (!map) return;
    const px = event.clientX - this.#surface.element.getBoundingClientRect().left;
    const [from, to] = this.#range();
    const x = from + ((px - MARGIN.left) / (this.#size.width - MARGIN.left - RAMP_PX)) * (to - from);
    this.#onPick(map.columns[columnAt(map, x)]!.source.x);
  }

  #key(event: KeyboardEvent): void {
    const content = this.#content;
    const last = (content?.map.columns.length ?? 0) - 1;
    const to = {
      ArrowLeft: Math.max(0, (content?.at ?? 0) - 1),
      ArrowRight: Math.min(last, (content?.at ?? 0) + 1),
      Home: 0,
      End: last,
    }[event.key];
    const column = to === undefined ? undefined : content?.map.columns[to];
    if (!column) return;
    event.preventDefault();
    event.stopPropagation();
    this.#onPick(column.source.x);
  }
}
