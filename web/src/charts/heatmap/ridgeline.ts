/**
 * Histograms over steps as ridges on their own element: the first behind, the last in front, values from left to right.
 */

import { MARGIN } from "../axis/scale";
import { rampColor } from "../ramp";
import { type Ctx, paintText } from "../surface";
import { token, withAlpha } from "../tokens";
import { ColumnCursor, type HeatMapContent } from "./column-cursor";
import { layOutRidges, type Ridge, type Ridgeline, ridgeOf } from "./ridgeline-layout";
import { paintValuesAxis } from "./values-axis";

/** From one ridge to the next, at least. */
const LEAST_GAP_PX = 9;
const MOST_RIDGES = 40;
/** Number of gaps that the highest ridge takes. */
const OVERLAP = 3.5;
/** Room at the right for what x is. */
const LABEL_PX = 62;
const LABEL_GAP_PX = 16;

export class RidgelineChart extends ColumnCursor {
  #line: Ridgeline | null = null;

  /** Where ridges stand: the lowest of the last one, and the gap between two. */
  #spacing(n: number): { readonly floor: number; readonly gap: number } {
    const floor = this.height - MARGIN.bottom;
    return { floor, gap: (floor - MARGIN.top) / (n - 1 + OVERLAP) };
  }

  #baseline(index: number, n: number): number {
    const { floor, gap } = this.#spacing(n);
    return floor - (n - 1 - index) * gap;
  }

  #right(): number {
    return this.width - LABEL_PX;
  }

  protected paintBase(ctx: Ctx): void {
    const { content, height } = this;
    if (!content) return;
    const nRidges = Math.floor((height - MARGIN.top - MARGIN.bottom) / LEAST_GAP_PX - OVERLAP + 1);
    const line = layOutRidges(content.map, Math.max(2, Math.min(MOST_RIDGES, nRidges)));
    this.#line = line;
    const n = line.ridges.length;
    for (const [index, ridge] of line.ridges.entries())
      this.#paintRidge(ctx, ridge, index, rampColor(n > 1 ? 0.25 + (0.75 * index) / (n - 1) : 1), "surface");
    this.#paintAxes(ctx, content, line);
  }

  #paintRidge(ctx: Ctx, ridge: Ridge, index: number, color: string, edge: string): void {
    const { ridges, most } = this.#line!;
    const base = this.#baseline(index, ridges.length);
    const { gap } = this.#spacing(ridges.length);
    const step = (this.#right() - MARGIN.left) / ridge.cells.length;
    ctx.beginPath();
    ctx.moveTo(MARGIN.left, base);
    for (const [bin, count] of ridge.cells.entries())
      ctx.lineTo(MARGIN.left + (bin + 0.5) * step, base - (count / most) * gap * OVERLAP);
    ctx.lineTo(this.#right(), base);
    ctx.fillStyle = color;
    ctx.fill();
    ctx.strokeStyle = token(edge);
    ctx.lineWidth = 1;
    ctx.stroke();
  }

  #paintAxes(ctx: Ctx, { map, xLabel }: HeatMapContent, { ridges }: Ridgeline): void {
    const { floor, gap } = this.#spacing(ridges.length);
    const right = this.#right();
    paintValuesAxis(ctx, map.lo, map.hi, right, floor);
    const each = Math.max(1, Math.ceil(LABEL_GAP_PX / gap));
    for (let index = ridges.length - 1; index >= 0; index -= each) {
      const { x } = map.columns[ridges[index]!.from]!.source;
      paintText(ctx, xLabel(x), right + 6, this.#baseline(index, ridges.length) - 3, {
        align: "left",
        most: LABEL_PX - 8,
      });
    }
  }

  protected override paintTop(ctx: Ctx): void {
    const [content, line] = [this.content, this.#line];
    const index = content && line ? ridgeOf(line, content.at) : -1;
    if (!content || !line || index < 0) return;
    const column = content.map.columns[content.at]!;
    const picked = { ...line.ridges[index]!, cells: column.cells };
    this.#paintRidge(ctx, picked, index, withAlpha(token("accent"), 0.25), "accent");
    paintText(ctx, content.xLabel(column.source.x), this.#right(), MARGIN.top + 2, {
      align: "right",
      weight: 500,
      color: "accent",
    });
  }

  protected columnAt(_px: number, py: number): number | null {
    const line = this.#line;
    if (!line) return null;
    const n = line.ridges.length;
    const { floor, gap } = this.#spacing(n);
    // the ridge that is pointed at stands up from its baseline
    const index = Math.max(0, Math.min(n - 1, n - 1 - Math.floor((floor - py) / gap)));
    return line.ridges[index]!.from;
  }

  protected columnOfKey(key: string): number | null {
    const [content, line] = [this.content, this.#line];
    if (!content || !line) return null;
    const last = line.ridges.length - 1;
    const index = ridgeOf(line, content.at);
    const to = { ArrowUp: Math.max(0, index - 1), ArrowDown: Math.min(last, index + 1), Home: 0, End: last }[
      key
    ];
    if (to === undefined) return null;
    const ridge = line.ridges[to]!;
    return to === last ? ridge.to - 1 : ridge.from;
  }
}
