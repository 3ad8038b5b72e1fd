/** Paints parallel coordinates: curves below, axes with their labels on plates and their brushes above. */

import { fittingName, type PartsOfNames, partsOfNames } from "@/data/text/name-cut";
import { type ValueAxis, type ValueTick, valueTicks } from "../axis/value-axis";
import { strokeLine } from "../pen";
import { rampColor } from "../ramp";
import { type Ctx, paintText } from "../surface";
import { runToken, token, withAlpha } from "../tokens";
import type { ParallelAxis, ParallelCurve } from "./parallel-layout";

const TOP = 26;
const BOTTOM = 14;
const SIDE = 44;
const BRUSH_PX = 12;
/** Between the numbers of an axis, and the most of them. */
const TICK_PX = 26;
const MOST_NUMBERS = 12;
/** Of the lowest value: so that it stands out from the background. */
const FAINTEST = 0.12;

const STRONGEST = 0.85;
/** Up to so many curves are as strong as that. */
const FEW_CURVES = 120;

/** Opacity of each of so many curves: of many, where they run together has to stand out. */
export function curveAlpha(n: number): number {
  return n <= FEW_CURVES ? STRONGEST : STRONGEST * Math.sqrt(FEW_CURVES / n);
}

/** From axes and places to px. */
export class ParallelFrame {
  /** Px that an axis is high. */
  readonly height: number;
  readonly width: number;
  readonly #n: number;

  constructor(width: number, height: number, axes: readonly ParallelAxis[]) {
    this.width = width;
    this.height = height - TOP - BOTTOM;
    this.#n = axes.length;
  }

  readonly xPx = (axis: number): number =>
    this.#n < 2 ? this.width / 2 : SIDE + (axis / (this.#n - 1)) * (this.width - 2 * SIDE);

  readonly yPx = (fraction: number): number => TOP + (1 - fraction) * this.height;

  fractionAt(py: number): number {
    return 1 - (py - TOP) / this.height;
  }

  /** Px between two axes. */
  get gap(): number {
    return this.#n < 2 ? this.width : (this.width - 2 * SIDE) / (this.#n - 1);
  }

  get last(): number {
    return this.#n - 1;
  }
}

export function paintCurve(
  ctx: Ctx,
  frame: ParallelFrame,
  curve: ParallelCurve,
  look: "in" | "out" | "highlighted",
  alpha = STRONGEST,
): void {
  const own = curve.ramp === null ? runToken(curve.color) : rampColor(FAINTEST + curve.ramp * (1 - FAINTEST));
  ctx.strokeStyle = look === "out" ? token("border-strong") : own;
  ctx.globalAlpha = look === "out" ? 0.3 : look === "in" ? alpha : 1;
  ctx.lineWidth = look === "out" ? 1 : look === "in" ? (alpha < STRONGEST ? 1 : 1.5) : 2.6;
  ctx.beginPath();
  for (let i = 0; i + 1 < curve.fractions.length; i++) {
    const [from, to] = [curve.fractions[i]!, curve.fractions[i + 1]!];
    if (curve.fractions[i] === null || curve.fractions[i + 1] === null) continue;
    const [x1, x2] = [frame.xPx(i), frame.xPx(i + 1)];
    const middle = (x1 + x2) / 2;
    ctx.moveTo(x1, frame.yPx(from));
    ctx.bezierCurveTo(middle, frame.yPx(from), middle, frame.yPx(to), x2, frame.yPx(to));
  }
  ctx.stroke();
  ctx.globalAlpha = 1;
}

export function paintAxis(
  ctx: Ctx,
  frame: ParallelFrame,
  at: number,
  axis: ParallelAxis,
  brush: readonly [number, number] | null,
  isAt: boolean,
): void {
  const x = Math.round(frame.xPx(at)) + 0.5;
  const [isFirst, isLast] = [at === 0, at === frame.last];
  ctx.strokeStyle = token(isAt ? "focus" : "border-control");
  ctx.lineWidth = isAt ? 2 : 1;
  strokeLine(ctx, x, TOP, x, TOP + frame.height);
  paintText(ctx, axis.label, isFirst ? 12 : isLast ? frame.width - 12 : x, 11, {
    align: isFirst ? "left" : isLast ? "right" : "center",
    size: 11,
    weight: 500,
    color: isLast ? "text" : "text-2",
    // its neighbour stands in the middle of its axis
    most: isFirst || isLast ? frame.gap / 2 + SIDE - 20 : frame.gap - 8,
    cut: "middle",
  });
  ctx.lineWidth = 1;
  const ticks = axisTicks(axis.axis, frame.height);
  const names = axis.axis.kind === "category" ? partsOfNames(ticks.map(({ text }) => text)) : null;
  for (const tick of ticks) paintTick(ctx, frame, x, tick, names, isFirst);
  if (brush) paintBrush(ctx, frame, x, brush);
}

/** Each text that has room, but no more numbers than help: between many, all need more digits. */
function axisTicks(axis: ValueAxis, px: number): ValueTick[] {
  return valueTicks(axis, axis.kind === "category" ? px : Math.min(px, MOST_NUMBERS * TICK_PX), TICK_PX);
}

/** @param names the values of the axis; null: they are numbers */
function paintTick(
  ctx: Ctx,
  frame: ParallelFrame,
  x: number,
  tick: ValueTick,
  names: PartsOfNames | null,
  isFirst: boolean,
): void {
  const y = frame.yPx(tick.fraction);
  ctx.strokeStyle = token("border-control");
  strokeLine(ctx, x - 3, y, x + 0.5, y);
  ctx.font = `400 10px ${token("font")}`;
  const widthOf = (text: string) => ctx.measureText(text).width;
  const most = isFirst ? SIDE - 10 : Math.min(frame.gap - 16, 110, frame.width - x - 10);
  const text = names ? fittingName(tick.text, names, most, widthOf) : tick.text;
  if (isFirst) {
    paintText(ctx, text, x - 7, y, { align: "right", size: 10, most });
    return;
  }
  const width = Math.min(most, widthOf(text));
  ctx.globalAlpha = 0.92;
  ctx.fillStyle = token("surface");
  ctx.beginPath();
  ctx.roundRect(x + 5, y - 6, width + 6, 12, 3);
  ctx.fill();
  ctx.globalAlpha = 1;
  paintText(ctx, text, x + 8, y, { size: 10, most });
}

function paintBrush(ctx: Ctx, frame: ParallelFrame, x: number, brush: readonly [number, number]): void {
  const top = frame.yPx(Math.max(brush[0], brush[1]));
  const bottom = frame.yPx(Math.min(brush[0], brush[1]));
  ctx.fillStyle = withAlpha(token("accent"), 0.18);
  ctx.strokeStyle = token("accent");
  ctx.lineWidth = 1.5;
  ctx.beginPath();
  ctx.roundRect(x - BRUSH_PX / 2, top, BRUSH_PX, Math.max(2, bottom - top), 3);
  ctx.fill();
  ctx.stroke();
}
