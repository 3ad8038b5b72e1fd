/**
 * Histograms of several runs at one step as outlines on their own element, each as shares of its values.
 */

import { formatTick } from "@/data/text/format";
import { MARGIN } from "../axis/scale";
import { linearTicks } from "../axis/ticks";
import { type Ctx, paintText, Surface } from "../surface";
import { runToken, token, withAlpha } from "../tokens";
import type { OutlinesContent } from "./outlines-layout";
import { paintValuesAxis } from "./values-axis";

const FILL_ALPHA = 0.08;
/** The areas of more mix to grey. */
const MOST_FILLED = 3;

export class HistogramOutlines extends Surface<OutlinesContent> {
  protected paintBase(ctx: Ctx): void {
    const { content, width, height } = this;
    if (!content) return;
    const { lo, hi, outlines, most } = content;
    const [right, floor] = [width - MARGIN.right, height - MARGIN.bottom];
    const yPx = (share: number) => floor - (share / (most * 1.06)) * (floor - MARGIN.top);
    ctx.lineWidth = 1;
    ctx.strokeStyle = token("grid");
    ctx.beginPath();
    for (const share of linearTicks(0, most, Math.max(2, Math.round((floor - MARGIN.top) / 38)))) {
      const y = Math.round(yPx(share)) + 0.5;
      ctx.moveTo(MARGIN.left, y);
      ctx.lineTo(right, y);
      paintText(ctx, `${formatTick(share * 100)}%`, MARGIN.left - 7, y, { align: "right" });
    }
    ctx.stroke();
    for (const { color, shares } of outlines) {
      const step = (right - MARGIN.left) / shares.length;
      ctx.beginPath();
      ctx.moveTo(MARGIN.left, floor);
      for (const [bin, share] of shares.entries()) {
        ctx.lineTo(MARGIN.left + bin * step, yPx(share));
        ctx.lineTo(MARGIN.left + (bin + 1) * step, yPx(share));
      }
      ctx.lineTo(right, floor);
      ctx.fillStyle = withAlpha(runToken(color), FILL_ALPHA);
      if (outlines.length <= MOST_FILLED) ctx.fill();
      ctx.strokeStyle = runToken(color);
      ctx.lineWidth = 1.5;
      ctx.stroke();
    }
    ctx.lineWidth = 1;
    paintValuesAxis(ctx, lo, hi, right, floor);
  }
}
