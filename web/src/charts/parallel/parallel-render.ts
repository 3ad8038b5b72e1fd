/** Paints parallel coordinates: curves below, axes with their labels and their brushes above. */

import { fittingName } from "@/data/text/name-cut";
import { type PartsOfNames, partsOfNames } from "@/data/text/name-parts";
import { type ValueAxis, type ValueTick, valueTicks } from "../axis/value-axis";
import { strokeLine } from "../pen";
import { rampColor } from "../ramp";
import { type Ctx, paintText } from "../surface";
import { runToken, token, withAlpha } from "../tokens";
import { headsOf, type ParallelHead } from "./parallel-heads";
import type { ParallelAxis, ParallelCurve } from "./parallel-layout";

/** Of a row of names above the axes, and free below the last one. */
const HEAD_PX = 14;
const BELOW_HEADS_PX = 12;
const FIRST_HEAD_PX = 11;
const HEAD_SIZE_PX = 11;
const HEAD_WEIGHT = 500;
const BOTTOM = 14;
const SIDE = 44;
/** Of the texts of the first axis: the most room at its left, and the most of the chart's width. */
const MOST_LEFT = 180;
const MOST_LEFT_PART = 0.25;
const TICK_SIZE_PX = 10;
/** Between a text of the first axis and the axis, and free before it. */
const LEFT_TICK_PX = 7;
const LEFT_FREE_PX = 4;
/** Around a text over curves: so much of them is faint as it takes to read it. */
const HALO_PX = 3;
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
  /** Where axes begin, px. */
  readonly top: number;
  readonly heads: readonly ParallelHead[];
  /** Of the first axis, px: its texts are at its left. */
  readonly left: number;
  readonly #n: number;

  constructor(ctx: Ctx, width: number, height: number, axes: readonly ParallelAxis[]) {
    this.width = width;
    this.#n = axes.length;
    this.left = leftOf(ctx, width, axes[0]);
    ctx.font = `${HEAD_WEIGHT} ${HEAD_SIZE_PX}px ${token("font")}`;
    const { heads, nRows } = headsOf(
      axes.map(({ label }) => label),
      axes.map((_, i) => this.xPx(i)),
      width,
      (text) => ctx.measureText(text).width,
    );
    this.heads = heads;
    this.top = nRows * HEAD_PX + BELOW_HEADS_PX;
    this.height = height - this.top - BOTTOM;
  }

  readonly xPx = (axis: number): number => (this.#n < 2 ? this.width / 2 : this.left + axis * this.gap);

  readonly yPx = (fraction: number): number => this.top + (1 - fraction) * this.height;

  fractionAt(py: number): number {
    return 1 - (py - this.top) / this.height;
  }

  /** The axis whose name is at a point, px; -1: none. */
  headAt(px: number, py: number): number {
    const row = Math.floor((py - FIRST_HEAD_PX) / HEAD_PX + 0.5);
    return this.heads.findIndex((head) => head.row === row && px >= head.left && px <= head.right);
  }

  /** Px between two axes. */
  get gap(): number {
    return this.#n < 2 ? this.width : (this.width - this.left - SIDE) / (this.#n - 1);
  }

  get last(): number {
    return this.#n - 1;
  }
}

/** The room of the first axis's texts: as wide as they are, in a part of the chart. */
function leftOf(ctx: Ctx, width: number, first: ParallelAxis | undefined): number {
  if (first?.axis.kind !== "category") return SIDE;
  ctx.font = `400 ${TICK_SIZE_PX}px ${token("font")}`;
  const widest = Math.max(0, ...first.axis.levels.map((level) => ctx.measureText(level).width));
  const most = Math.max(SIDE, Math.min(MOST_LEFT, width * MOST_LEFT_PART));
  return Math.min(most, Math.max(SIDE, Math.ceil(widest) + LEFT_TICK_PX + LEFT_FREE_PX));
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
  const { heads, top } = frame;
  const head = heads[at]!;
  const headPx = FIRST_HEAD_PX + head.row * HEAD_PX;
  ctx.strokeStyle = token(isAt ? "focus" : "border-control");
  ctx.lineWidth = isAt ? 2 : 1;
  // up to its name, between those of the second row
  const start = head.row * HEAD_PX + HEAD_PX + BELOW_HEADS_PX < top ? headPx + HEAD_PX / 2 + 2 : top;
  strokeLine(ctx, x, start, x, top + frame.height);
  paintText(ctx, head.text, head.left, headPx, {
    size: HEAD_SIZE_PX,
    weight: HEAD_WEIGHT,
    color: at === frame.last ? "text" : "text-2",
  });
  ctx.lineWidth = 1;
  const ticks = axisTicks(axis.axis, frame.height);
  const names = axis.axis.kind === "category" ? partsOfNames(ticks.map(({ text }) => text)) : null;
  for (const tick of ticks) paintTick(ctx, frame, x, tick, names, at === 0);
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
  ctx.font = `400 ${TICK_SIZE_PX}px ${token("font")}`;
  const widthOf = (text: string) => ctx.measureText(text).width;
  const most = isFirst
    ? frame.left - LEFT_TICK_PX - LEFT_FREE_PX + 1
    : Math.min(frame.gap - 16, 110, frame.width - x - 10);
  const text = names ? fittingName(tick.text, names, most, widthOf) : tick.text;
  if (isFirst) {
    paintText(ctx, text, x - LEFT_TICK_PX, y, { align: "right", size: TICK_SIZE_PX, most });
    return;
  }
  ctx.textAlign = "left";
  ctx.textBaseline = "middle";
  ctx.lineJoin = "round";
  ctx.lineWidth = HALO_PX;
  ctx.strokeStyle = token("surface");
  ctx.strokeText(text, x + 8, y);
  ctx.lineWidth = 1;
  paintText(ctx, text, x + 8, y, { size: TICK_SIZE_PX, most });
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
