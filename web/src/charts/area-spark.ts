/** The curve of a scalar card: no axes, an area under it, a dot with a halo while data arrives. */

import { paintLiveEnd } from "./dots";
import { type Ctx, Surface } from "./surface";
import { runToken, withAlpha } from "./tokens";

export interface AreaSparkContent {
  /** Evenly spaced; not finite: a gap. */
  readonly y: Float64Array;
  /** 1 … 12. */
  readonly color: number;
  readonly isLive: boolean;
}

export class AreaSpark extends Surface<AreaSparkContent> {
  protected paintBase(ctx: Ctx): void {
    const { width, height } = this;
    const { y, color, isLive } = this.content ?? { y: new Float64Array(), color: 1, isLive: false };
    const at = Array.from(y.keys()).filter((i) => Number.isFinite(y[i]));
    if (at.length === 0) return;
    const lo = at.reduce((least, i) => Math.min(least, y[i]!), Infinity);
    const hi = at.reduce((most, i) => Math.max(most, y[i]!), -Infinity);
    const xPx = (i: number) => 1 + (i / Math.max(1, y.length - 1)) * (width - 6);
    const yPx = (v: number) => (hi > lo ? height - 2 - ((v - lo) / (hi - lo)) * (height - 8) : height / 2);
    ctx.beginPath();
    for (const i of at) ctx.lineTo(xPx(i), yPx(y[i]!));
    ctx.strokeStyle = runToken(color);
    ctx.lineWidth = 1.5;
    ctx.lineJoin = "round";
    ctx.stroke();
    const last = at[at.length - 1]!;
    ctx.lineTo(xPx(last), height);
    ctx.lineTo(xPx(at[0]!), height);
    ctx.fillStyle = withAlpha(runToken(color), 0.1);
    ctx.fill();
    if (isLive) paintLiveEnd(ctx, xPx(last), yPx(y[last]!), color);
  }
}
