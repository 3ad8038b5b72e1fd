/** The axes of histograms: values below, counts at the left. */

import { MARGIN } from "../axis/scale";
import { labelTicks, linearTicks } from "../axis/ticks";
import { type Ctx, paintText } from "../surface";
import { token } from "../tokens";

const TICK_PX = 76;

interface AxisTick {
  readonly value: number;
  readonly text: string;
}

/**
 * Ticks whose texts differ: of values that read alike the first.
 *
 * @param textOf text of a tick; its value, if absent
 */
export function valuesTicks(
  lo: number,
  hi: number,
  px: number,
  textOf?: (value: number) => string,
): AxisTick[] {
  const ticks = linearTicks(lo, hi, Math.max(3, Math.round(px / TICK_PX)));
  const { texts } = labelTicks(ticks);
  const all = ticks.map((value, i) => ({ value, text: textOf?.(value) ?? texts[i]! }));
  return all.filter(({ text }, i) => text !== all[i - 1]?.text);
}

/**
 * A line with ticks and their texts.
 *
 * @param right, floor px of its end and of its line
 */
export function paintValuesAxis(
  ctx: Ctx,
  lo: number,
  hi: number,
  right: number,
  floor: number,
  ticks: readonly AxisTick[] = valuesTicks(lo, hi, right - MARGIN.left),
): void {
  ctx.lineWidth = 1;
  ctx.strokeStyle = token("axis");
  ctx.beginPath();
  ctx.moveTo(MARGIN.left, floor + 0.5);
  ctx.lineTo(right, floor + 0.5);
  for (const { value, text } of ticks) {
    const x = Math.round(MARGIN.left + ((value - lo) / (hi - lo)) * (right - MARGIN.left)) + 0.5;
    ctx.moveTo(x, floor);
    ctx.lineTo(x, floor + 3);
    paintText(ctx, text, x, floor + 11, { align: "center" });
  }
  ctx.stroke();
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
