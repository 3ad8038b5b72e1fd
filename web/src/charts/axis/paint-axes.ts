/**
 * Paints the axes of a chart over runs: grid lines with their values at the left, ticks and a label below.
 */

import { type Ctx, paintText, textPx } from "../surface";
import { token } from "../tokens";
import { type ValueAxis, xTicks, yTicks } from "./value-axis";

/** Where the values are drawn, px of the chart. */
export interface PlotBox {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly floor: number;
}

/** Px from the middle of an axis's label to the lower edge of the chart. */
const LABEL_PX = 9;
/** Px from the values of the y axis to the plot, and from the chart's edge to them. */
const VALUE_GAP_PX = 7;
const EDGE_PX = 4;
/** Part of a chart's width that texts next to its y axis may take. */
const TEXTS_PART = 0.25;

/** Where the plot begins, px: the values of its y axis have room. At least `least`, so that charts line up where they can. */
export function leftOfPlot(ctx: Ctx, axis: ValueAxis, least: number, width: number, height: number): number {
  const widest = Math.max(0, ...yTicks(axis, height).map(({ text }) => textPx(ctx, text)));
  const room = Math.ceil(widest) + VALUE_GAP_PX + EDGE_PX;
  return Math.max(least, axis.kind === "category" ? Math.min(room, Math.floor(width * TEXTS_PART)) : room);
}

export function paintYAxis(ctx: Ctx, axis: ValueAxis, { left, right, top, floor }: PlotBox): void {
  ctx.lineWidth = 1;
  ctx.strokeStyle = token("grid");
  ctx.beginPath();
  for (const { fraction, text } of yTicks(axis, floor - top)) {
    const py = Math.round(floor - fraction * (floor - top)) + 0.5;
    ctx.moveTo(left, py);
    ctx.lineTo(right, py);
    paintText(ctx, text, left - VALUE_GAP_PX, py, {
      align: "right",
      most: left - VALUE_GAP_PX - EDGE_PX,
      cut: "middle",
    });
  }
  ctx.stroke();
}

/** @param label below the ticks; null: none */
export function paintXAxis(
  ctx: Ctx,
  axis: ValueAxis,
  { left, right, floor }: PlotBox,
  label: { readonly text: string; readonly height: number } | null,
): void {
  ctx.lineWidth = 1;
  ctx.strokeStyle = token("axis");
  ctx.beginPath();
  ctx.moveTo(left, floor + 0.5);
  ctx.lineTo(right, floor + 0.5);
  const ticks = xTicks(axis, right - left, (text) => textPx(ctx, text));
  const shown = axis.kind === "category" ? thinned(ticks, right - left) : ticks;
  for (const { fraction, text } of shown) {
    const px = Math.round(left + fraction * (right - left)) + 0.5;
    ctx.moveTo(px, floor);
    ctx.lineTo(px, floor + 3);
    const most = axis.kind === "category" ? (right - left) / shown.length - 6 : undefined;
    paintText(ctx, text, px, floor + 11, { align: "center", most, cut: "middle" });
  }
  ctx.stroke();
  if (label)
    paintText(ctx, label.text, (left + right) / 2, label.height - LABEL_PX, {
      align: "center",
      color: "text-2",
      most: right - left,
      cut: "middle",
    });
}

/** Texts side by side need this much, px. */
const TEXT_PX = 26;

function thinned<T>(ticks: readonly T[], px: number): readonly T[] {
  const every = Math.max(1, Math.ceil((ticks.length * TEXT_PX) / px));
  return ticks.filter((_, i) => i % every === 0);
}
