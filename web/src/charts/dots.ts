/**
 * Paints many dots quickly: the more there are, the smaller they are, and of those that would cover each other only
 * one is painted.
 */

import { fillCircle } from "./pen";
import type { RunMark } from "./run-pointer";
import type { Ctx } from "./surface";
import { runToken, withAlpha } from "./tokens";

interface DotLook {
  /** The radius of a few dots, px. */
  readonly most: number;
  readonly outline: string;
  /** The chart's size, px. */
  readonly width: number;
  readonly height: number;
  /** The colour of the dot at a place of the list. */
  colorOf(at: number): string;
}

/** From this many on dots are squares without an outline, each in a cell of its own. */
const MANY = 1500;
const SQUARE_PX = 2.5;
const CELL_PX = 1.5;

/** The later ones are on top. */
export function paintDots(ctx: Ctx, dots: readonly RunMark[], look: DotLook): void {
  if (dots.length >= MANY) {
    paintSquares(ctx, dots, look);
    return;
  }
  const radius = dotPx(dots.length, look.most);
  ctx.lineWidth = radius > 3 ? 1.2 : 0.7;
  ctx.strokeStyle = look.outline;
  for (const [at, { x, y }] of dots.entries()) {
    ctx.beginPath();
    ctx.arc(x, y, radius, 0, 2 * Math.PI);
    ctx.fillStyle = look.colorOf(at);
    ctx.fill();
    ctx.stroke();
  }
}

interface OneDotLook {
  readonly radius: number;
  readonly fill: string;
  readonly outline: string;
  readonly lineWidth: number;
}

export function paintDot(ctx: Ctx, x: number, y: number, look: OneDotLook): void {
  ctx.beginPath();
  ctx.arc(x, y, look.radius, 0, 2 * Math.PI);
  ctx.fillStyle = look.fill;
  ctx.fill();
  ctx.lineWidth = look.lineWidth;
  ctx.strokeStyle = look.outline;
  ctx.stroke();
}

/** The end of a curve to which data arrives: a dot with a halo in the run's colour, 1 … 12. */
export function paintLiveEnd(ctx: Ctx, x: number, y: number, color: number): void {
  ctx.fillStyle = withAlpha(runToken(color), 0.22);
  fillCircle(ctx, x, y, 4.4);
  ctx.fillStyle = runToken(color);
  fillCircle(ctx, x, y, 2.1);
}

/** The radius for so many dots. */
function dotPx(n: number, most: number): number {
  return n <= 150 ? most : n <= 600 ? Math.min(most, 3) : Math.min(most, 2.2);
}

function paintSquares(ctx: Ctx, dots: readonly RunMark[], { width, height, colorOf }: DotLook): void {
  const columns = Math.ceil(width / CELL_PX) + 1;
  const occupied = new Uint8Array(columns * (Math.ceil(height / CELL_PX) + 1));
  let last = "";
  for (let at = dots.length - 1; at >= 0; at--) {
    const { x, y } = dots[at]!;
    const cell = Math.round(y / CELL_PX) * columns + Math.round(x / CELL_PX);
    if (occupied[cell] === 1) continue;
    occupied[cell] = 1;
    const color = colorOf(at);
    if (color !== last) {
      ctx.fillStyle = color;
      last = color;
    }
    ctx.fillRect(x - SQUARE_PX / 2, y - SQUARE_PX / 2, SQUARE_PX, SQUARE_PX);
  }
}
