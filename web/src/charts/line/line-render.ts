/**
 * Paints a built chart on three canvases: grid and axes, the curves, and what moves over them.
 *
 * Lighting a run dims the middle one (by the compositor, not by a redraw) and paints the run on the top
 * one; so moving the pointer over twenty charts of fifty runs costs one curve per chart.
 */

import type { Axis } from "@/data/columns";
import { formatTick, formatTimeTick } from "@/data/format";
import { type Frame, MARGIN, type Range } from "../axis/scale";
import { labelTicks, linearTicks, logTicks, timeTicks } from "../axis/ticks";
import { repeatsHues, runToken, token, withAlpha } from "../tokens";
import type { BuiltLine } from "./line-build";

type Ctx = CanvasRenderingContext2D;

/** Px between ticks. */
const X_SPACE = 76;
const Y_SPACE = 38;
/** Decades stand closer: each is a number that people look for. */
const Y_SPACE_LOG = 24;
/** More lines than this are no help, however high the chart is. */
const Y_TICKS_MAX = 9;
/** Bands of more curves than this are painted at half strength, of three times as many at a quarter. */
const FEW_LINES = 6;
const MANY_LINES = 18;
/** What all labels of the y axis share stands above it, in the margin. */
const NOTE_Y = 6;
const LINE_WIDTH = 1.5;
const LIT_WIDTH = 2.4;
const LIT_BAND = 1.35;
const GHOST_ALPHA = 0.24;
/** A spike is one px wide: so many times the band's alpha makes it as plain as the band. */
const SPIKE_STRENGTH = 6;

/** Size the canvas to its box in device pixels, clear it, and give its context in CSS px. */
export function clearedContext(canvas: HTMLCanvasElement, width: number, height: number): Ctx {
  const ratio = window.devicePixelRatio || 1;
  const w = Math.round(width * ratio);
  const h = Math.round(height * ratio);
  if (canvas.width !== w || canvas.height !== h) {
    canvas.width = w;
    canvas.height = h;
  }
  const ctx = canvas.getContext("2d")!;
  ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
  ctx.clearRect(0, 0, width, height);
  return ctx;
}

/** Horizontal grid, the axis line below, ticks and labels. */
export function paintAxes(ctx: Ctx, frame: Frame, axis: Axis, hasValues: boolean): void {
  const { width, height, x, y } = frame;
  const right = width - MARGIN.right;
  const floor = height - MARGIN.bottom;
  const space = frame.isLog ? Y_SPACE_LOG : Y_SPACE;
  const nY = Math.max(2, Math.min(Y_TICKS_MAX, Math.round((floor - MARGIN.top) / space)));
  const nX = Math.max(2, Math.round((right - MARGIN.left) / X_SPACE));
  ctx.font = `400 10.5px ${token("font")}`;
  ctx.textBaseline = "middle";
  ctx.lineWidth = 1;
  ctx.fillStyle = token("muted");
  ctx.strokeStyle = token("grid");
  ctx.textAlign = "right";
  // without a finite value there is nothing to measure
  const yTicks = !hasValues ? [] : frame.isLog ? logTicks(y[0], y[1], nY) : linearTicks(y[0], y[1], nY);
  const { texts, note } = labelTicks(yTicks);
  ctx.beginPath();
  for (const [i, v] of yTicks.entries()) {
    const py = Math.round(frame.yPx(v)) + 0.5;
    if (py < MARGIN.top - 2 || py > floor + 1) continue;
    ctx.moveTo(MARGIN.left, py);
    ctx.lineTo(right, py);
    ctx.fillText(texts[i]!, MARGIN.left - 7, py);
  }
  ctx.stroke();
  if (note) {
    ctx.textAlign = "left";
    ctx.fillText(note, MARGIN.left, NOTE_Y);
  }
  ctx.strokeStyle = token("axis");
  ctx.beginPath();
  ctx.moveTo(MARGIN.left, floor + 0.5);
  ctx.lineTo(right, floor + 0.5);
  const xTicks = axis === "time" ? timeTicks(x[0], x[1], nX) : stepTicks(x, nX);
  for (const v of xTicks) {
    const px = Math.round(frame.xPx(v)) + 0.5;
    ctx.moveTo(px, floor);
    ctx.lineTo(px, floor + 3);
    // the last label would leave the panel: let it end at the edge
    const isEdge = px > right - 8;
    ctx.textAlign = isEdge ? "right" : "center";
    ctx.fillText(axis === "time" ? formatTimeTick(v) : stepLabel(v, xTicks), isEdge ? right : px, floor + 11);
  }
  ctx.stroke();
}

/** A step's label; neighbours that would read the same (1.2345M, 1.2346M) are written out. */
function stepLabel(v: number, all: readonly number[]): string {
  const step = all.length > 1 ? Math.abs(all[1]! - all[0]!) : Math.abs(v);
  if (Math.abs(v) >= 1000 && step > 0 && step < Math.abs(v) / 500) return v.toLocaleString("en-US");
  return formatTick(v);
}

function stepTicks([lo, hi]: Range, count: number): number[] {
  const ticks = linearTicks(lo, hi, count);
  // steps are whole numbers
  const whole = ticks.filter(Number.isInteger);
  return whole.length > 0 ? whole : ticks;
}

function bandAlpha(nLines: number): number {
  return Number(token("band")) * (nLines > MANY_LINES ? 0.25 : nLines > FEW_LINES ? 0.5 : 1);
}

/** All curves: first every band, then every ghost and line, so that no band covers a line. */
export function paintLines(ctx: Ctx, frame: Frame, lines: readonly BuiltLine[]): void {
  clipToPlot(ctx, frame, () => {
    const alpha = bandAlpha(lines.length);
    for (const line of lines) if (line.hasBand) paintBand(ctx, frame, line, alpha);
    for (const line of lines) paintCurve(ctx, frame, line, LINE_WIDTH);
  });
}

/** One lit run, over the dimmed others. */
export function paintLit(ctx: Ctx, frame: Frame, line: BuiltLine, nLines: number): void {
  clipToPlot(ctx, frame, () => {
    const alpha = Math.max(bandAlpha(nLines), bandAlpha(MANY_LINES)) * LIT_BAND;
    if (line.hasBand) paintBand(ctx, frame, line, alpha);
    paintCurve(ctx, frame, line, LIT_WIDTH);
  });
}

function clipToPlot(ctx: Ctx, frame: Frame, paint: () => void): void {
  ctx.save();
  ctx.beginPath();
  ctx.rect(MARGIN.left - 1, 0, frame.width - MARGIN.left - MARGIN.right + 6, frame.height - MARGIN.bottom);
  ctx.clip();
  paint();
  ctx.restore();
}

function paintBand(ctx: Ctx, frame: Frame, line: BuiltLine, alpha: number): void {
  const [from, to] = inView(line, frame.x);
  if (to - from < 1) return;
  ctx.fillStyle = withAlpha(runToken(line.color), alpha);
  ctx.beginPath();
  for (let i = from; i < to; i++) ctx.lineTo(frame.xPx(line.x[i]!), frame.yPx(line.hi[i]!));
  for (let i = to - 1; i >= from; i--) ctx.lineTo(frame.xPx(line.x[i]!), frame.yPx(line.lo[i]!) + 0.5);
  ctx.fill();
  if (line.spikes.length === 0) return;
  ctx.strokeStyle = withAlpha(runToken(line.color), Math.min(1, alpha * SPIKE_STRENGTH));
  ctx.lineWidth = 1;
  ctx.beginPath();
  for (const i of line.spikes) {
    const px = Math.round(frame.xPx(line.x[i]!)) + 0.5;
    ctx.moveTo(px, frame.yPx(line.lo[i]!));
    ctx.lineTo(px, frame.yPx(line.hi[i]!));
  }
  ctx.stroke();
}

function paintCurve(ctx: Ctx, frame: Frame, line: BuiltLine, width: number): void {
  const [from, to] = inView(line, frame.x);
  if (to <= from) return;
  const color = runToken(line.color);
  ctx.lineJoin = "round";
  ctx.setLineDash(repeatsHues() && line.color > 8 ? [1.5, 2.5] : []);
  if (line.drawn !== line.mean && !line.hasBand) {
    ctx.strokeStyle = withAlpha(color, GHOST_ALPHA);
    ctx.lineWidth = 1;
    strokeLine(ctx, frame, line.x, line.mean, from, to);
  }
  ctx.strokeStyle = color;
  ctx.lineWidth = width;
  if (to - from === 1) paintDot(ctx, frame.xPx(line.x[from]!), frame.yPx(line.drawn[from]!), color, 2.2);
  else strokeLine(ctx, frame, line.x, line.drawn, from, to);
  ctx.setLineDash([]);
  const last = line.x.length - 1;
  if (line.isLive && to - 1 === last) {
    const x = frame.xPx(line.x[last]!);
    const y = frame.yPx(line.drawn[last]!);
    paintDot(ctx, x, y, withAlpha(color, 0.24), 4.8);
    paintDot(ctx, x, y, color, 2.6);
  }
}

function strokeLine(
  ctx: Ctx,
  frame: Frame,
  xs: Float64Array,
  ys: Float64Array,
  from: number,
  to: number,
): void {
  ctx.beginPath();
  for (let i = from; i < to; i++) ctx.lineTo(frame.xPx(xs[i]!), frame.yPx(ys[i]!));
  ctx.stroke();
}

function paintDot(ctx: Ctx, x: number, y: number, fill: string, radius: number): void {
  ctx.fillStyle = fill;
  ctx.beginPath();
  ctx.arc(x, y, radius, 0, 2 * Math.PI);
  ctx.fill();
}

/** Positions of the buckets to draw: those in view and one beyond each edge. */
function inView(line: BuiltLine, [lo, hi]: Range): [number, number] {
  const { x } = line;
  let from = 0;
  let to = x.length;
  while (from + 1 < to && x[from + 1]! < lo) from += 1;
  while (to - 1 > from && x[to - 2]! > hi) to -= 1;
  return [from, to];
}

/** Red triangles on the axis where runs logged NaN or Inf, with the count where there is room. */
export function paintOddMarks(ctx: Ctx, frame: Frame, lines: readonly BuiltLine[], lit: string | null): void {
  const floor = frame.height - MARGIN.bottom;
  const marked = lines.filter((line) => line.odd).sort((a, b) => a.odd!.x - b.odd!.x);
  ctx.font = `500 10px ${token("font")}`;
  ctx.textBaseline = "middle";
  ctx.textAlign = "left";
  let free = MARGIN.left;
  for (const [i, line] of marked.entries()) {
    const { x: at, label } = line.odd!;
    const x = frame.xPx(at);
    ctx.globalAlpha = lit && line.id !== lit ? 0.35 : 1;
    ctx.beginPath();
    ctx.moveTo(x, floor - 9);
    ctx.lineTo(x + 5, floor - 0.5);
    ctx.lineTo(x - 5, floor - 0.5);
    ctx.closePath();
    ctx.strokeStyle = token("surface");
    ctx.lineWidth = 1.5;
    ctx.stroke();
    ctx.fillStyle = token("danger");
    ctx.fill();
    const wide = ctx.measureText(label).width + 8;
    // a count only where it covers no mark and no other count; the last one may stand on the left
    const isLast = i === marked.length - 1;
    const after = isLast ? frame.width : frame.xPx(marked[i + 1]!.odd!.x) - 6;
    const before = i > 0 ? Math.max(free, frame.xPx(marked[i - 1]!.odd!.x) + 8) : MARGIN.left;
    const fitsRight = x + 8 + wide <= after;
    const left = fitsRight ? x + 8 : x - 8 - wide;
    if (!fitsRight && (!isLast || left < before)) continue;
    free = left + wide;
    ctx.fillStyle = token("danger-soft");
    ctx.beginPath();
    ctx.roundRect(left, floor - 14, wide, 13, 3);
    ctx.fill();
    ctx.fillStyle = token("danger");
    ctx.fillText(label, left + 4, floor - 7);
  }
  ctx.globalAlpha = 1;
}

/** The crosshair; `isOwn` tells the chart under the pointer from the others that follow it. */
export function paintCross(ctx: Ctx, frame: Frame, x: number, isOwn: boolean): void {
  const px = Math.round(frame.xPx(x)) + 0.5;
  ctx.strokeStyle = token("cross");
  ctx.lineWidth = 1;
  ctx.globalAlpha = isOwn ? 0.9 : 0.45;
  ctx.beginPath();
  ctx.moveTo(px, MARGIN.top);
  ctx.lineTo(px, frame.height - MARGIN.bottom);
  ctx.stroke();
  ctx.globalAlpha = 1;
}

/** A dot on a curve under the crosshair. */
export function paintCrossDot(
  ctx: Ctx,
  frame: Frame,
  line: BuiltLine,
  at: number,
  isLit: boolean,
  dim: boolean,
): void {
  ctx.globalAlpha = dim ? 0.35 : 1;
  ctx.fillStyle = runToken(line.color);
  ctx.strokeStyle = token("surface");
  ctx.lineWidth = 1.5;
  ctx.beginPath();
  ctx.arc(frame.xPx(line.x[at]!), frame.yPx(line.drawn[at]!), isLit ? 4 : 2.8, 0, 2 * Math.PI);
  ctx.fill();
  ctx.stroke();
  ctx.globalAlpha = 1;
}

/** The badge on the x axis under the crosshair. */
export function paintBadge(ctx: Ctx, frame: Frame, x: number, label: string): void {
  const floor = frame.height - MARGIN.bottom;
  ctx.font = `500 10px ${token("font")}`;
  const wide = ctx.measureText(label).width + 10;
  const left = Math.max(0, Math.min(frame.width - wide, frame.xPx(x) - wide / 2));
  ctx.fillStyle = token("ink");
  ctx.beginPath();
  ctx.roundRect(left, floor + 3, wide, 15, 3);
  ctx.fill();
  ctx.fillStyle = token("on-ink");
  ctx.textAlign = "center";
  ctx.textBaseline = "middle";
  ctx.fillText(label, left + wide / 2, floor + 11);
}

/** The range that is being dragged. */
export function paintSelection(ctx: Ctx, frame: Frame, from: number, to: number): void {
  const left = frame.xPx(Math.min(from, to));
  const right = frame.xPx(Math.max(from, to));
  const height = frame.height - MARGIN.top - MARGIN.bottom;
  ctx.fillStyle = withAlpha(token("accent"), 0.18);
  ctx.fillRect(left, MARGIN.top, right - left, height);
  ctx.fillStyle = token("accent");
  ctx.fillRect(left, MARGIN.top, 1, height);
  ctx.fillRect(right - 1, MARGIN.top, 1, height);
}
