/**
 * Paints what follows the pointer over the curves: the highlighted curves, crosshair, dots, badge, the dragged range.
 */

import type { Frame } from "../../axis/scale";
import { fillCircle, type Pen, strokeLine } from "../../pen";
import { selectedRuns } from "../../shared-state";
import { runToken, token, withAlpha } from "../../tokens";
import type { BuiltLine } from "../built-line";
import { type CurvePx, createCurvePx, curveToPx } from "./curve-px";
import { DOT_RADIUS, FOLLOWED_ALPHA } from "./followed-cross";
import {
  type CurveLook,
  dashOf,
  dotSize,
  GHOST_ALPHA,
  haveRoom,
  isGhosted,
  LINE_WIDTH,
  spikeAlpha,
  widthOf,
} from "./line-look";

const px = createCurvePx();

const CROSS_ALPHA = 0.9;
/** More curves on top of a density would hide it. */
const MOST_ON_TOP = 30;
/** Both sides of a curve's casing together. */
const CASING_PX = 2.5;

/** A highlighted curve with its band, area, ghost and dot. */
export function paintHighlighted(pen: Pen, frame: Frame, line: BuiltLine, look: CurveLook): void {
  paintBandOf(pen, frame, line, look);
  paintLineOf(pen, frame, line, look);
}

export function paintBandOf(pen: Pen, frame: Frame, line: BuiltLine, look: CurveLook): void {
  if (!line.hasBand && !line.under && line.spikes.length === 0) return;
  const pixels = curveToPx(line, frame, px);
  if (pixels.n === 0) return;
  const color = runToken(line.color);
  withinPlot(pen, frame, () => {
    if (line.under) paintArea(pen, pixels, withAlpha(color, look.areaAlpha));
    paintBand(pen, frame, line, pixels, color, look);
  });
}

/** Room in the colour of the background around a curve, so that it is seen on a density. */
export function paintCasing(pen: Pen, frame: Frame, line: BuiltLine, width: number): void {
  const pixels = curveToPx(line, frame, px);
  if (pixels.n < 2) return;
  withinPlot(pen, frame, () => {
    pen.lineJoin = "round";
    const wide = widthOf(line, width) + CASING_PX;
    strokePoints(pen, pixels.x, pixels.y, pixels.n, token("surface"), wide);
  });
}

/** The curves that a density has on top: of runs that are selected in the list, with a width of their own, the baseline. */
export function paintOnTop(pen: Pen, frame: Frame, lines: readonly BuiltLine[]): void {
  for (const line of curvesOnTop(lines)) {
    paintCasing(pen, frame, line, LINE_WIDTH);
    paintLineOf(pen, frame, line, {
      bandAlpha: 0,
      fullAlpha: 0,
      hasRaw: false,
      areaAlpha: 0,
      width: LINE_WIDTH,
    });
  }
}

export function curvesOnTop<Line extends OnTop>(lines: readonly Line[]): Line[] {
  const selected = selectedRuns.get();
  const isOnTop = ({ isBaseline, widthPx, highlightId }: OnTop) =>
    isBaseline || widthPx !== null || selected.has(highlightId);
  return lines.filter(isOnTop).slice(0, MOST_ON_TOP);
}

type OnTop = Pick<BuiltLine, "isBaseline" | "widthPx" | "highlightId">;

/** A curve without its band. */
export function paintLineOf(pen: Pen, frame: Frame, line: BuiltLine, look: CurveLook): void {
  const pixels = curveToPx(line, frame, px);
  if (pixels.n > 0) withinPlot(pen, frame, () => paintLine(pen, frame, line, pixels, look));
}

function withinPlot(pen: Pen, frame: Frame, paint: () => void): void {
  pen.save();
  pen.beginPath();
  pen.rect(frame.left - 1, 0, frame.right - frame.left + 6, frame.floor);
  pen.clip();
  paint();
  pen.restore();
}

function paintLine(pen: Pen, frame: Frame, line: BuiltLine, pixels: CurvePx, look: CurveLook): void {
  const color = runToken(line.color);
  pen.lineJoin = "round";
  if (isGhosted(line, look))
    strokePoints(pen, pixels.x, pixels.mean, pixels.n, withAlpha(color, GHOST_ALPHA), 1);
  const width = widthOf(line, look.width);
  pen.setLineDash(dashOf(line) ?? []);
  if (pixels.n > 1) strokePoints(pen, pixels.x, pixels.y, pixels.n, color, width);
  pen.setLineDash([]);
  const hasDots = line.hasDots && haveRoom(pixels.n, frame.right - frame.left);
  if (pixels.n === 1 || hasDots)
    for (let i = 0; i < pixels.n; i++) paintDot(pen, pixels.x[i]!, pixels.y[i]!, color, dotSize(width) / 2);
  if (!line.isLive || line.x[line.x.length - 1]! > frame.x[1]) return;
  const [x, y] = [pixels.x[pixels.n - 1]!, pixels.y[pixels.n - 1]!];
  paintDot(pen, x, y, withAlpha(color, 0.24), 4.8);
  paintDot(pen, x, y, color, 2.6);
}

function paintArea(pen: Pen, pixels: CurvePx, color: string): void {
  pen.fillStyle = color;
  pen.beginPath();
  for (let i = 0; i < pixels.n; i++) pen.lineTo(pixels.x[i]!, pixels.y[i]!);
  for (let i = pixels.n - 1; i >= 0; i--) pen.lineTo(pixels.x[i]!, pixels.under[i]!);
  pen.fill();
}

function paintBand(
  pen: Pen,
  frame: Frame,
  line: BuiltLine,
  pixels: CurvePx,
  color: string,
  look: CurveLook,
): void {
  if (line.hasBand && look.bandAlpha > 0 && pixels.n > 1) {
    pen.fillStyle = withAlpha(color, look.bandAlpha);
    pen.beginPath();
    for (let i = 0; i < pixels.n; i++) pen.lineTo(pixels.x[i]!, pixels.hi[i]!);
    for (let i = pixels.n - 1; i >= 0; i--) pen.lineTo(pixels.x[i]!, pixels.lo[i]! + 0.5);
    pen.fill();
  }
  const alpha = spikeAlpha(line, look);
  if (line.spikes.length === 0 || alpha === 0) return;
  pen.strokeStyle = withAlpha(color, alpha);
  pen.lineWidth = 1;
  pen.beginPath();
  for (const at of line.spikes) {
    const x = Math.round(frame.xPx(line.x[at]!)) + 0.5;
    pen.moveTo(x, frame.yPx(line.least[at]!));
    pen.lineTo(x, frame.yPx(line.greatest[at]!));
  }
  pen.stroke();
}

function strokePoints(
  pen: Pen,
  x: Float64Array,
  y: Float64Array,
  n: number,
  color: string,
  width: number,
): void {
  pen.strokeStyle = color;
  pen.lineWidth = width;
  pen.beginPath();
  for (let i = 0; i < n; i++) pen.lineTo(x[i]!, y[i]!);
  pen.stroke();
}

function paintDot(pen: Pen, x: number, y: number, fill: string, radius: number): void {
  pen.fillStyle = fill;
  fillCircle(pen, x, y, radius);
}

/** The crosshair of the chart under the pointer. */
export function paintCross(pen: Pen, frame: Frame, x: number): void {
  const at = Math.round(frame.xPx(x)) + 0.5;
  pen.strokeStyle = token("cross");
  pen.lineWidth = 1;
  pen.globalAlpha = CROSS_ALPHA;
  strokeLine(pen, at, frame.top, at, frame.floor);
  pen.globalAlpha = 1;
}

/** The crosshair that stays; in the pinned chart stronger than in those that follow it. */
export function paintPinnedCross(pen: Pen, frame: Frame, x: number, isOwn: boolean): void {
  pen.fillStyle = token("accent");
  pen.globalAlpha = isOwn ? CROSS_ALPHA : FOLLOWED_ALPHA;
  pen.fillRect(
    Math.round(frame.xPx(x)) - (isOwn ? 0.5 : 0),
    frame.top,
    isOwn ? 2 : 1,
    frame.floor - frame.top,
  );
  pen.globalAlpha = 1;
}

/** A dot on a curve under the crosshair. */
export function paintCrossDot(
  pen: Pen,
  frame: Frame,
  line: BuiltLine,
  at: number,
  look: { readonly isHighlighted: boolean; readonly isDim: boolean },
): void {
  const y = frame.yPx(line.y[at]!);
  if (y < frame.top - 2 || y > frame.floor + 2) return;
  pen.globalAlpha = look.isDim ? 0.35 : 1;
  pen.fillStyle = runToken(line.color);
  pen.strokeStyle = token("surface");
  pen.lineWidth = LINE_WIDTH;
  pen.beginPath();
  pen.arc(frame.xPx(line.x[at]!), y, look.isHighlighted ? DOT_RADIUS : 2.8, 0, 2 * Math.PI);
  pen.fill();
  pen.stroke();
  pen.globalAlpha = 1;
}

/** The badge on the x axis under the crosshair. */
export function paintBadge(pen: Pen, frame: Frame, x: number, label: string): void {
  pen.font = `500 10px ${token("font")}`;
  const wide = pen.measureText(label).width + 10;
  const left = Math.max(0, Math.min(frame.width - wide, frame.xPx(x) - wide / 2));
  pen.fillStyle = token("ink");
  pen.beginPath();
  pen.roundRect(left, frame.height - 19, wide, 15, 3);
  pen.fill();
  pen.fillStyle = token("on-ink");
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.fillText(label, left + wide / 2, frame.height - 11);
}

/** The range that is being dragged. */
export function paintSelection(pen: Pen, frame: Frame, from: number, to: number): void {
  const left = Math.min(from, to);
  const right = Math.max(from, to);
  const height = frame.floor - frame.top;
  pen.fillStyle = withAlpha(token("accent"), 0.18);
  pen.fillRect(left, frame.top, right - left, height);
  pen.fillStyle = token("accent");
  pen.fillRect(left, frame.top, 1, height);
  pen.fillRect(right - 1, frame.top, 1, height);
}
