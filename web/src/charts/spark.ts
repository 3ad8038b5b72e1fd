/** A small curve in a table row: one canvas, no axes, a dot with a halo while data arrives. */

import { paintLiveEnd } from "./dots";
import { planDraw } from "./scheduler";
import { onTokensChange, runToken } from "./tokens";

export interface Spark {
  set(y: Float64Array, color: number, isLive: boolean): void;
  destroy(): void;
}

/** Put a spark into an element of fixed size. */
export function createSpark(element: HTMLElement): Spark {
  const canvas = document.createElement("canvas");
  canvas.setAttribute("aria-hidden", "true");
  element.append(canvas);
  let data: { y: Float64Array; color: number; isLive: boolean } | null = null;
  const item = {
    draw() {
      const width = element.clientWidth;
      const height = element.clientHeight;
      const ratio = window.devicePixelRatio || 1;
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
      const ctx = canvas.getContext("2d");
      if (!ctx || !data || data.y.length === 0) return;
      ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
      const { y, color, isLive } = data;
      const lo = y.reduce((a, b) => Math.min(a, b));
      const hi = y.reduce((a, b) => Math.max(a, b));
      const xPx = (i: number) => 1 + (i / Math.max(1, y.length - 1)) * (width - 8);
      const yPx = (v: number) => (hi > lo ? height - 4 - ((v - lo) / (hi - lo)) * (height - 8) : height / 2);
      ctx.strokeStyle = runToken(color);
      ctx.lineWidth = 1.5;
      ctx.lineJoin = "round";
      ctx.beginPath();
      for (let i = 0; i < y.length; i++) ctx.lineTo(xPx(i), yPx(y[i]!));
      ctx.stroke();
      if (isLive) paintLiveEnd(ctx, xPx(y.length - 1), yPx(y[y.length - 1]!), color);
    },
  };
  const end = onTokensChange(() => planDraw(item));
  return {
    set(y, color, isLive) {
      data = { y, color, isLive };
      planDraw(item);
    },
    destroy() {
      end();
      canvas.remove();
    },
  };
}
