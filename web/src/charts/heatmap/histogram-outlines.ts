/** Histograms of several runs at one step as outlines on their own element, each as shares of its values. */

import { formatTick } from "@/data/text/format";
import { MARGIN } from "../axis/scale";
import { type Ctx, Surface } from "../surface";
import { runToken, withAlpha } from "../tokens";
import type { OutlinesContent } from "./outlines-layout";
import { paintCountsAxis, paintValuesAxis } from "./values-axis";

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
    paintCountsAxis(ctx, most, right, yPx, (share) => `${formatTick(share * 100)}%`);
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
