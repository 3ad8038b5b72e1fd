/** A heat map on its own element: histograms over steps, with a cursor that is dragged. */

import { formatTick } from "@/data/text/format";
import { MARGIN } from "../axis/scale";
import { labelTicks, linearTicks } from "../axis/ticks";
import { strokeLine } from "../pen";
import { paintRamp, RAMP_PX, rampColor } from "../ramp";
import { type Ctx, paintText } from "../surface";
import { token } from "../tokens";
import { ColumnCursor, type HeatMapContent } from "./column-cursor";
import { columnAt, type HeatMap, heatRange, strengthOf } from "./heatmap-layout";
import { paintValuesAxis, valuesTicks } from "./values-axis";

/** Fainter cells than this are left out. */
const FAINTEST = 0.004;

export class HeatMapChart extends ColumnCursor {
  #range(): readonly [number, number] {
    return heatRange(this.content?.map.columns ?? []);
  }

  #xPx(x: number): number {
    const [from, to] = this.#range();
    return MARGIN.left + ((x - from) / (to - from)) * (this.width - MARGIN.left - RAMP_PX);
  }

  #yPx(value: number, map: HeatMap): number {
    const floor = this.height - MARGIN.bottom;
    return floor - ((value - map.lo) / (map.hi - map.lo)) * (floor - MARGIN.top);
  }

  protected paintBase(ctx: Ctx): void {
    const { content, width, height } = this;
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
      strokeLine(ctx, MARGIN.left, zero, right, zero);
      ctx.setLineDash([]);
    }
    const yTicks = linearTicks(map.lo, map.hi, Math.max(2, Math.round((floor - MARGIN.top) / 38)));
    const { texts } = labelTicks(yTicks);
    for (const [i, v] of yTicks.entries())
      paintText(ctx, texts[i]!, MARGIN.left - 7, this.#yPx(v, map), {
        align: "right",
        most: MARGIN.left - 9,
      });
    const range = this.#range();
    const [only, ...others] = map.columns;
    const ticks =
      only && others.length === 0
        ? [{ value: only.source.x, text: xTick(only.source.x) }]
        : valuesTicks(...range, right - MARGIN.left, xTick);
    paintValuesAxis(ctx, ...range, right, floor, ticks);
  }

  protected override paintTop(ctx: Ctx): void {
    const content = this.content;
    const column = content?.map.columns[content.at];
    if (!content || !column) return;
    const floor = this.height - MARGIN.bottom;
    const x = Math.round(this.#xPx(column.source.x)) + 0.5;
    ctx.strokeStyle = token("text");
    ctx.lineWidth = 1;
    strokeLine(ctx, x, MARGIN.top - 4, x, floor);
    const text = content.xLabel(column.source.x);
    ctx.font = `500 10px ${token("font")}`;
    const width = ctx.measureText(text).width + 10;
    const left = Math.max(0, Math.min(this.width - width, x - width / 2));
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

  protected columnAt(px: number): number | null {
    if (!this.content) return null;
    const [from, to] = this.#range();
    const x = from + ((px - MARGIN.left) / (this.width - MARGIN.left - RAMP_PX)) * (to - from);
    return columnAt(this.content.map, x);
  }

  protected columnOfKey(key: string): number | null {
    const { map, at } = this.content ?? { map: { columns: [] }, at: 0 };
    const last = map.columns.length - 1;
    return (
      { ArrowLeft: Math.max(0, at - 1), ArrowRight: Math.min(last, at + 1), Home: 0, End: last }[key] ?? null
    );
  }
}
