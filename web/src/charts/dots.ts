/**
 * Paints many dots quickly: the more there are, the smaller they are, and of those that would cover each other only
 * one is painted.
 */

import type { Ctx } from "./surface";

export interface PaintedDot {
  readonly x: number;
  readonly y: number;
  readonly color: string;
}

/** From this many on dots are squares without an outline, each in a cell of its own. */
const MANY = 1500;
const SQUARE_PX = 2.5;

/** The radius for so many dots. */
function dotPx(n: number, most: number): number {
  return n <= 150 ? most : n <= 600 ? Math.min(most, 3) : Math.min(most, 2.2);
}

/** The later ones are on top. Returns how many were painted. */
export function paintDots(
  ctx: Ctx,
  dots: readonly PaintedDot[],
  look: { readonly most: number; readonly outline: string; readonly width: number },
): number {
  if (dots.length >= MANY) return paintSquares(ctx, dots, look.width);
  const radius = dotPx(dots.length, look.most);
  ctx.lineWidth = radius > 3 ? 1.2 : 0.7;
  ctx.strokeStyle = look.outline;
  for (const { x, y, color } of dots) {
    ctx.beginPath();
    ctx.arc(x, y, radius, 0, 2 * Math.PI);
    ctx.fillStyle = color;
    ctx.fill();
    ctx.stroke();
  }
  return dots.length;
}

function paintSquares(ctx: Ctx, dots: readonly PaintedDot[], width: number): number {
  const taken = new Set<number>();
  const columns = Math.ceil(width) + 1;
  let last = "";
  for (let i = dots.length - 1; i >= 0; i--) {
    const { x, y, color } = dots[i]!;
    const cell = Math.round(y / 1.5) * columns + Math.round(x / 1.5);
    if (taken.has(cell)) continue;
    taken.add(cell);
    if (color !== last) ctx.fillStyle = last = color;
    ctx.fillRect(x - SQUARE_PX / 2, y - SQUARE_PX / 2, SQUARE_PX, SQUARE_PX);
  }
  return taken.size;
}
