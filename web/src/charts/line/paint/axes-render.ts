/** Paints what stands behind the curves: horizontal grid, the axis line below, ticks and labels. */

import type { Scale } from "@/data/view/settings";
import type { Frame, Range } from "../../axis/scale";
import { labelTicks, ticksOf, wholeTicks } from "../../axis/ticks";
import { type XAxis, xTicks } from "../../axis/x-axis";
import type { Pen } from "../../pen";
import { token } from "../../tokens";
import type { BuiltChart } from "../line-build";

/** Px between ticks. */
const X_SPACE = 76;
const Y_SPACE = 38;
/** Decades stand closer: each is a number that people look for. */
const Y_SPACE_LOG = 24;
/** More lines than this are no help, however high the chart is. */
const Y_TICKS_MAX = 9;
/** The common part of all labels of the y axis stands above it, in the margin. */
const NOTE_Y = 6;
/** Labels of the y axis stand no nearer to each other. */
const LABEL_PX = 11;
/** Px between a label and the edge of the chart. */
const EDGE_PX = 2;
/** From the middle of the x axis' labels to the lower edge of the chart. */
const LABELS_PX = 11;

/**
 * @param values without a finite one there is nothing to measure; whole ones have no ticks between them
 */
export function paintAxes(pen: Pen, frame: Frame, axis: XAxis, values: BuiltChart["values"]): void {
  const { left, right, floor } = frame;
  pen.font = `400 10.5px ${token("font")}`;
  pen.textBaseline = "middle";
  pen.lineWidth = 1;
  pen.fillStyle = token("muted");
  if (values !== "none") paintGrid(pen, frame, values === "whole");
  pen.strokeStyle = token("axis");
  pen.beginPath();
  pen.moveTo(left, floor + 0.5);
  pen.lineTo(right, floor + 0.5);
  const ticks = xTicks(axis, frame.xScale, frame.x, Math.max(2, Math.round((right - left) / X_SPACE)));
  pen.textAlign = "center";
  let free = Number.NEGATIVE_INFINITY;
  for (const [i, value] of ticks.values.entries()) {
    const px = Math.round(frame.xPx(value)) + 0.5;
    pen.moveTo(px, floor);
    pen.lineTo(px, floor + 3);
    const text = ticks.texts[i]!;
    const half = pen.measureText(text).width / 2;
    // a label stands at its tick, or not at all
    if (px - half < free || px + half > frame.width - EDGE_PX) continue;
    free = px + half + 4;
    pen.fillText(text, px, frame.height - LABELS_PX);
  }
  pen.stroke();
}

function paintGrid(pen: Pen, frame: Frame, areWhole: boolean): void {
  const { left, right, top, floor, yScale } = frame;
  const space = yScale === "linear" ? Y_SPACE : Y_SPACE_LOG;
  const count = Math.max(2, Math.min(Y_TICKS_MAX, Math.round((floor - top) / space)));
  const ticks = yTicks(yScale, frame.y, count, areWhole);
  const { texts, note } = labelTicks(ticks);
  pen.textAlign = "right";
  pen.strokeStyle = token("grid");
  pen.beginPath();
  const labelled: number[] = [];
  for (const i of importance(ticks)) {
    const py = Math.round(frame.yPx(ticks[i]!)) + 0.5;
    if (py < top - 2 || py > floor + 1) continue;
    pen.moveTo(left, py);
    pen.lineTo(right, py);
    if (labelled.some((other) => Math.abs(other - py) < LABEL_PX)) continue;
    labelled.push(py);
    // a text that is too wide is narrowed: it would touch the edge of its panel
    pen.fillText(texts[i]!, left - 7, py, left - 11);
  }
  pen.stroke();
  if (!note) return;
  pen.textAlign = "left";
  pen.fillText(note, left, NOTE_Y);
}

/** Of whole values only whole ticks, where there is one. */
export function yTicks(scale: Scale, range: Range, count: number, areWhole: boolean): readonly number[] {
  const ticks = ticksOf(scale, range, count);
  if (!areWhole) return ticks;
  const whole = scale === "linear" ? wholeTicks(...range, count) : ticks.filter(Number.isInteger);
  return whole.length > 0 ? whole : ticks;
}

/** Places of the ticks, those first whose labels matter where not all have room: 0, then from the ends inwards. */
function importance(ticks: readonly number[]): number[] {
  const size = (i: number) => (ticks[i] === 0 ? Number.POSITIVE_INFINITY : Math.abs(ticks[i]!));
  return ticks.map((_, i) => i).sort((a, b) => size(b) - size(a));
}
