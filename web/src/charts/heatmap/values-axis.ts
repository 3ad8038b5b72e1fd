/** The axes of histograms: values below, counts at the left. */

import { MARGIN } from "../axis/scale";
import { labelTicks, linearTicks } from "../axis/ticks";
import { type Ctx, paintText } from "../surface";
import { token } from "../tokens";

const TICK_PX = 76;

/**
 * A line with ticks and their texts.
 *
 * @param right, floor px of its end and of its line
 * @param textOf text of a tick; its value, if absent
 */
export function paintValuesAxis(
  ctx: Ctx,
  lo: number,
  hi: number,
  right: number,
  floor: number,
  textOf?: (value: number) => string,
): void {
  ctx.lineWidth = 1;
  ctx.strokeStyle = token("axis");
  ctx.beginPath();
  ctx.moveTo(MARGIN.left, floor + 0.5);
  ctx.lineTo(right, floor + 0.5);
  const all = linearTicks(lo, hi, Math.max(3, Math.round((right - MARGIN.left) / TICK_PX)));
  const ticks = textOf ? tellable(all, textOf) : all;
  const { texts } = labelTicks(ticks);
  for (const [i, value] of ticks.entries()) {
    const x = Math.round(MARGIN.left + ((value - lo) / (hi - lo)) * (right - MARGIN.left)) + 0.5;
    ctx.moveTo(x, floor);
    ctx.lineTo(x, floor + 3);
    paintText(ctx, textOf?.(value) ?? texts[i]!, x, floor + 11, { align: "center" });
  }
  ctx.stroke();
}

/** Of ticks that read alike one: a whole number, if there is one. */
export function tellable(ticks: readonly number[], textOf: (value: number) => string): number[] {
  const alike = new Map<string, number>();
  for (const value of ticks) {
    const text = textOf(value);
    const before = alike.get(text);
    if (before === undefined || (!Number.isInteger(before) && Number.isInteger(value)))
      alike.set(text, value);
  }
  return [...alike.values()];
}

/** Grid lines from 0 to `most`, with their texts at the left. */
export function paintCountsAxis(
  ctx: Ctx,
  most: number,
  right: number,
  yPx: (count: number) => number,
  textOf: (count: number) => string,
): void {
  ctx.lineWidth = 1;
  ctx.strokeStyle = token("grid");
  ctx.beginPath();
  for (const count of linearTicks(0, most, Math.max(2, Math.round((yPx(0) - MARGIN.top) / 38)))) {
    const y = Math.round(yPx(count)) + 0.5;
    ctx.moveTo(MARGIN.left, y);
    ctx.lineTo(right, y);
    paintText(ctx, textOf(count), MARGIN.left - 7, y, { align: "right" });
  }
  ctx.stroke();
}
