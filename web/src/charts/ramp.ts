/** Colours for a third quantity: from near the background (low) to far from it (high), in both themes. */

import { type Ctx, paintText } from "./surface";
import { token } from "./tokens";

const STOPS = 6;

/** The colour at `place`, 0 to 1. */
export function rampColor(fraction: number): string {
  const at = Math.max(0, Math.min(0.9999, fraction)) * (STOPS - 1);
  const low = channels(token(`seq-${Math.floor(at) + 1}`));
  const high = channels(token(`seq-${Math.floor(at) + 2}`));
  const part = at - Math.floor(at);
  return `rgb(${low.map((v, i) => Math.round(v + (high[i]! - v) * part)).join(",")})`;
}

function channels(hex: string): [number, number, number] {
  const n = Number.parseInt(hex.slice(1), 16);
  return [n >> 16, (n >> 8) & 255, n & 255];
}

/** Px at the right that the ramp's legend takes. */
export const RAMP_PX = 54;

export interface RampLegend {
  readonly title: string;
  readonly low: string;
  readonly high: string;
  /** There is one number, and one color. */
  readonly isOfOne?: boolean;
}

/** The ramp as a bar with its two ends and what it is of, at the right edge. */
export function paintRamp(
  ctx: Ctx,
  legend: RampLegend,
  box: { readonly width: number; readonly top: number; readonly bottom: number },
): void {
  const { width, top, bottom } = box;
  const left = width - RAMP_PX + 14;
  const fill = ctx.createLinearGradient(0, bottom, 0, top);
  for (let i = 0; i <= 10; i++) fill.addColorStop(i / 10, rampColor(legend.isOfOne ? 0.5 : i / 10));
  ctx.fillStyle = fill;
  ctx.beginPath();
  ctx.roundRect(left, top, 6, bottom - top, 3);
  ctx.fill();
  const most = width - left - 12;
  paintText(ctx, legend.high, left + 10, top + 5, { size: 10, most });
  if (!legend.isOfOne) paintText(ctx, legend.low, left + 10, bottom - 4, { size: 10, most });
  ctx.save();
  ctx.translate(width - 8, (top + bottom) / 2);
  ctx.rotate(-Math.PI / 2);
  paintText(ctx, legend.title, 0, 0, { size: 10, align: "center", color: "text-2", most: bottom - top - 44 });
  ctx.restore();
}
