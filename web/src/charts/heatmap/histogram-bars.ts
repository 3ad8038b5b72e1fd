/** One histogram on its own element, over the outline of another one. */

import { formatTick } from "@/data/text/format";
import { MARGIN } from "../axis/scale";
import { type Ctx, Surface } from "../surface";
import { runToken, token } from "../tokens";
import { paintCountsAxis, paintValuesAxis } from "./values-axis";

export interface HistogramBarsContent {
  readonly lo: number;
  readonly hi: number;
  readonly cells: Float64Array;
  /** Drawn as an outline; null: none. */
  readonly before: Float64Array | null;
  /** 1 … 12. */
  readonly color: number;
}

export class HistogramBars extends Surface<HistogramBarsContent> {
  protected paintBase(ctx: Ctx): void {
    const { content, width, height } = this;
    if (!content) return;
    const { lo, hi, cells, before, color } = content;
    const [right, floor] = [width - MARGIN.right, height - MARGIN.bottom];
    const most = Math.max(1, ...cells, ...(before ?? [])) * 1.06;
    const step = (right - MARGIN.left) / cells.length;
    const yPx = (n: number) => floor - (n / most) * (floor - MARGIN.top);
    paintCountsAxis(ctx, most, right, yPx, formatTick);
    ctx.fillStyle = runToken(color);
    ctx.globalAlpha = 0.85;
    for (const [i, n] of cells.entries())
      if (n > 0) ctx.fillRect(MARGIN.left + i * step + 0.5, yPx(n), Math.max(1, step - 1), floor - yPx(n));
    ctx.globalAlpha = 1;
    if (before) {
      ctx.strokeStyle = token("text-2");
      ctx.lineWidth = 1.2;
      ctx.setLineDash([4, 3]);
      ctx.beginPath();
      for (const [i, n] of before.entries()) {
        ctx.lineTo(MARGIN.left + i * step, yPx(n));
        ctx.lineTo(MARGIN.left + (i + 1) * step, yPx(n));
      }
      ctx.stroke();
      ctx.setLineDash([]);
      ctx.lineWidth = 1;
    }
    paintValuesAxis(ctx, lo, hi, right, floor);
  }
}
