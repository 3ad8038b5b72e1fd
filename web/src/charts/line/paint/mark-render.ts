/**
 * Paints a chart's marks over its curves: thresholds, flags, gaps, NaN and Inf, where curves leave the range.
 */

import { type Frame, MARGIN } from "../../axis/scale";
import { fillCircle, type Pen, strokeLine } from "../../pen";
import { runToken, token, withAlpha } from "../../tokens";
import type { BuiltLine } from "../built-line";
import type { BuiltChart } from "../line-build";
import {
  type ClipMark,
  type FlagMark,
  type GapMark,
  jointLabel,
  type NonfiniteMark,
  type StopMark,
  type ThresholdMark,
} from "../marks";

/** Of marks that belong to a run that is not highlighted. */
const DIM = 0.35;
/** Wider charts have room for the titles of alerts, px. */
const ROOMY_PX = 700;
/** Flags this near to each other are one, px. */
const SAME_PX = 3;
/** Clip marks this near to each other are one, px. */
const CLIP_PX = 7;
const FLAG_Y = 6;
/** Half of the tick where runs of a group end, px. */
const FEWER_PX = 7;
/** Half of the sign on a curve where its run ended or was resumed, and the room around it, px. */
const STOP_PX = 3;
const STOP_ROOM_PX = 4.5;
/** Least width of a gap, however short it was, px. */
const GAP_LEAST = 4;

/** Marks that have rows of their own above and below the plot. */
export function markRows(built: BuiltChart | null): Pick<Frame, "hasFlags" | "hasNonfinite"> {
  return {
    hasFlags: (built?.flags.length ?? 0) > 0,
    hasNonfinite: built?.lines.some(({ nonfinite }) => nonfinite !== null) ?? false,
  };
}

/** @param highlighted the highlighted run that is in this chart, else null */
export function paintMarks(pen: Pen, frame: Frame, built: BuiltChart, highlighted: string | null): void {
  pen.textBaseline = "middle";
  pen.textAlign = "left";
  for (const mark of built.thresholds) paintThreshold(pen, frame, mark);
  for (const mark of built.gaps) paintGap(pen, frame, mark, highlighted);
  for (const line of built.lines) paintFewer(pen, frame, line, highlighted);
  paintStops(pen, frame, built.stops, highlighted);
  paintFlags(pen, frame, built.flags, highlighted);
  paintClips(pen, frame, built.clips, highlighted);
  paintNonfinite(pen, frame, built.lines, highlighted);
  pen.globalAlpha = 1;
}

function isDimmed(highlighted: string | null, own: string | null): boolean {
  return highlighted !== null && own !== null && own !== highlighted;
}

function paintThreshold(pen: Pen, frame: Frame, { y, text, look }: ThresholdMark): void {
  const color = token(look === "limit" ? "warning" : look === "goal" ? "positive" : "muted");
  const at = Math.round(frame.yPx(y)) + 0.5;
  pen.strokeStyle = color;
  pen.lineWidth = 1.2;
  pen.setLineDash([3, 3]);
  strokeLine(pen, frame.left, at, frame.right, at);
  pen.setLineDash([]);
  if (!text) return;
  pen.font = `500 10.5px ${token("font")}`;
  const wide = pen.measureText(text).width;
  // above the line, below it where there is no room
  const middle = at - 9 > frame.top - 6 ? at - 9 : at + 9;
  paintPlate(pen, frame.right - wide - 4, middle - 7, wide + 4, token("surface"), 0.86);
  pen.fillStyle = color;
  pen.fillText(text, frame.right - wide - 2, middle);
}

function paintPlate(pen: Pen, left: number, top: number, wide: number, fill: string, alpha: number): void {
  pen.fillStyle = withAlpha(fill, alpha);
  pen.beginPath();
  pen.roundRect(left, top, wide, 14, 3);
  pen.fill();
}

function paintFlags(pen: Pen, frame: Frame, flags: readonly FlagMark[], highlighted: string | null): void {
  // setting a font costs as much as all else that a chart paints while the pointer moves
  if (flags.length === 0) return;
  pen.font = `400 10px ${token("font")}`;
  let free = 0;
  for (const [i, { x, look, highlightId: own }] of flags.entries()) {
    const at = Math.round(frame.xPx(x)) + 0.5;
    // those at one place share a flag
    const before = flags[i - 1];
    if (before && frame.xPx(x) - frame.xPx(before.x) < SAME_PX) continue;
    const sharedFlags = flags.filter((flag) => flag.x >= x && frame.xPx(flag.x) - frame.xPx(x) < SAME_PX);
    // of alerts, which stand in all of a run's charts, small charts say nothing until they are pointed at
    const labelled = sharedFlags.filter(
      (flag) => flag.isSet || frame.width > ROOMY_PX || flag.highlightId === highlighted,
    );
    const text = [...new Set(labelled.map((flag) => flag.text))].join(", ");
    const color = token(look === "ERROR" ? "danger" : look === "WARN" ? "warning" : "text-2");
    pen.globalAlpha = isDimmed(highlighted, own) ? DIM : 1;
    pen.strokeStyle = withAlpha(color, labelled.length > 0 ? 0.6 : 0.3);
    pen.lineWidth = 1;
    pen.setLineDash([1.5, 2.5]);
    strokeLine(pen, at, FLAG_Y + 4, at, frame.floor);
    pen.setLineDash([]);
    pen.fillStyle = color;
    pen.fillRect(at - 0.5, FLAG_Y - 5, 1, 10);
    pen.beginPath();
    pen.moveTo(at, FLAG_Y - 5);
    pen.lineTo(at + 7, FLAG_Y - 2.2);
    pen.lineTo(at, FLAG_Y + 0.6);
    pen.closePath();
    pen.fill();
    const next = flags[i + sharedFlags.length];
    const room = (next ? frame.xPx(next.x) : frame.width) - at - 14;
    const label = shortened(pen, text, room);
    if (!label || at + 10 < free) continue;
    free = at + 10 + pen.measureText(label).width;
    pen.fillText(label, at + 10, FLAG_Y - 1);
  }
  pen.globalAlpha = 1;
}

/** The text, cut to `room` px; empty where not even a few letters fit. */
function shortened(pen: Pen, text: string, room: number): string {
  if (pen.measureText(text).width <= room) return text;
  for (let n = Math.min(text.length - 1, 40); n >= 3; n--) {
    const cut = `${text.slice(0, n)}…`;
    if (pen.measureText(cut).width <= room) return cut;
  }
  return "";
}

/** A hatched stretch of the axis, with a faint area over it. */
function paintGap(
  pen: Pen,
  frame: Frame,
  { from, to, highlightId: own, text }: GapMark,
  highlighted: string | null,
): void {
  const middle = (frame.xPx(from) + frame.xPx(to)) / 2;
  const half = Math.max(GAP_LEAST, frame.xPx(to) - frame.xPx(from)) / 2;
  const left = Math.max(frame.left, middle - half);
  const right = Math.min(frame.right, middle + half);
  const color = token("warning");
  pen.globalAlpha = isDimmed(highlighted, own) ? DIM : 1;
  pen.save();
  pen.beginPath();
  pen.rect(left, frame.top, right - left, frame.floor - frame.top + 5);
  pen.clip();
  pen.fillStyle = withAlpha(color, 0.08);
  pen.fillRect(left, frame.top, right - left, frame.floor - frame.top);
  pen.fillStyle = withAlpha(color, 0.25);
  pen.fillRect(left, frame.floor - 1, right - left, 6);
  pen.strokeStyle = color;
  pen.lineWidth = 1.2;
  pen.beginPath();
  for (let x = left - 6; x < right + 6; x += 3.5) {
    pen.moveTo(x, frame.floor + 5);
    pen.lineTo(x + 6, frame.floor - 1);
  }
  pen.stroke();
  pen.restore();
  pen.font = `500 10px ${token("font")}`;
  const wide = pen.measureText(text).width + 8;
  const start = Math.min(frame.right - wide, right + 4);
  paintPlate(pen, start, frame.floor - 17, wide, token("warning-soft"), 1);
  pen.fillStyle = color;
  pen.fillText(text, start + 4, frame.floor - 10);
  pen.globalAlpha = 1;
}

/** A tick through a group's curve where the first of its runs end: the mean may jump from there. */
function paintFewer(pen: Pen, frame: Frame, line: BuiltLine, highlighted: string | null): void {
  if (line.fewerAfter === null) return;
  const value = line.x[line.fewerAfter]!;
  const y = frame.yPx(line.y[line.fewerAfter]!);
  if (value < frame.x[0] || value > frame.x[1] || y < frame.top || y > frame.floor) return;
  const at = Math.round(frame.xPx(value)) + 0.5;
  pen.globalAlpha = isDimmed(highlighted, line.highlightId) ? DIM : 1;
  for (const [color, wide, half] of [
    [token("surface"), 4, FEWER_PX + 1],
    [runToken(line.color), 2, FEWER_PX],
  ] as const) {
    pen.strokeStyle = color;
    pen.lineWidth = wide;
    strokeLine(pen, at, y - half, at, y + half);
  }
  pen.globalAlpha = 1;
}

/** Signs on curves: a cross for a failure, bars for a preemption, a square for a stop, a ring where the run went on. */
function paintStops(pen: Pen, frame: Frame, stops: readonly StopMark[], highlighted: string | null): void {
  for (const { x, y, look, color, highlightId: own } of stops) {
    const [at, py] = [frame.xPx(x), frame.yPx(y)];
    if (!(py >= frame.top - STOP_PX && py <= frame.floor + STOP_PX)) continue;
    pen.globalAlpha = isDimmed(highlighted, own) ? DIM : 1;
    pen.fillStyle = token("surface");
    fillCircle(pen, at, py, look === "resumed" ? STOP_PX + 1 : STOP_ROOM_PX);
    const sign =
      look === "resumed"
        ? runToken(color)
        : token(look === "failed" ? "danger" : look === "preempted" ? "warning" : "text-2");
    pen.fillStyle = sign;
    pen.strokeStyle = sign;
    pen.lineWidth = 1.8;
    if (look === "killed") {
      pen.fillRect(at - STOP_PX, py - STOP_PX, 2 * STOP_PX, 2 * STOP_PX);
      continue;
    }
    pen.beginPath();
    if (look === "resumed") pen.arc(at, py, STOP_PX, 0, 2 * Math.PI);
    else {
      const half = look === "failed" ? STOP_PX : STOP_PX / 2;
      pen.moveTo(at - half, py - STOP_PX);
      pen.lineTo(look === "failed" ? at + half : at - half, py + STOP_PX);
      pen.moveTo(at + half, py - STOP_PX);
      pen.lineTo(look === "failed" ? at - half : at + half, py + STOP_PX);
    }
    pen.stroke();
  }
  pen.globalAlpha = 1;
}

function paintClips(pen: Pen, frame: Frame, clips: readonly ClipMark[], highlighted: string | null): void {
  const last = { top: Number.NEGATIVE_INFINITY, bottom: Number.NEGATIVE_INFINITY };
  const sorted = clips.length > 1 ? [...clips].sort((a, b) => a.x - b.x) : clips;
  for (const { x, edge, color, highlightId: own } of sorted) {
    const at = frame.xPx(x);
    if (at - last[edge] < CLIP_PX && own !== highlighted) continue;
    last[edge] = at;
    const tip = edge === "top" ? frame.top - 5 : frame.floor + 1 + 4;
    const base = edge === "top" ? frame.top : frame.floor + 1;
    pen.globalAlpha = isDimmed(highlighted, own) ? DIM : 1;
    pen.fillStyle = runToken(color);
    pen.beginPath();
    pen.moveTo(at - 3.5, base);
    pen.lineTo(at + 3.5, base);
    pen.lineTo(at, tip);
    pen.closePath();
    pen.fill();
  }
  pen.globalAlpha = 1;
}

/** Where a run logged NaN or Inf first: a triangle below the axis, and the count where there is room. */
interface NonfinitePlate {
  readonly line: BuiltLine;
  readonly x: number;
  /** The count's left end, px; null: no room. */
  readonly left: number | null;
  readonly wide: number;
  readonly label: string;
}

function layOutNonfinite(pen: Pen, frame: Frame, lines: readonly BuiltLine[]): NonfinitePlate[] {
  const marked = lines.filter((line) => line.nonfinite).sort((a, b) => a.nonfinite!.x - b.nonfinite!.x);
  if (marked.length === 0) return [];
  pen.font = `500 10px ${token("font")}`;
  let free: number = MARGIN.left;
  // those at one place share the count of the last of them
  const marksByPx = new Map<number, NonfiniteMark[]>();
  for (const { nonfinite } of marked) {
    const px = Math.round(frame.xPx(nonfinite!.x));
    marksByPx.set(px, [...(marksByPx.get(px) ?? []), nonfinite!]);
  }
  return marked.map((line, i) => {
    const x = frame.xPx(line.nonfinite!.x);
    const label = jointLabel(marksByPx.get(Math.round(x))!);
    const wide = pen.measureText(label).width + 8;
    // a count only where it covers no mark and no other count; the last one may stand on the left
    const isLast = i === marked.length - 1;
    const after = isLast ? frame.width : frame.xPx(marked[i + 1]!.nonfinite!.x) - 6;
    const earlier = marked.findLast(({ nonfinite }) => Math.round(frame.xPx(nonfinite!.x)) < Math.round(x));
    const beforePx = earlier ? frame.xPx(earlier.nonfinite!.x) : Number.NEGATIVE_INFINITY;
    const before = i > 0 ? Math.max(free, beforePx + 8) : MARGIN.left;
    const fitsRight = x + 8 + wide <= after;
    const left = fitsRight ? x + 8 : x - 8 - wide;
    if (!fitsRight && (!isLast || left < before)) return { line, x, left: null, wide, label };
    free = left + wide;
    return { line, x, left, wide, label };
  });
}

/** The marks stand between the axis and its labels, where they cover neither a curve nor a label. */
function paintNonfinite(
  pen: Pen,
  frame: Frame,
  lines: readonly BuiltLine[],
  highlighted: string | null,
): void {
  const { floor } = frame;
  for (const { line, x, left, wide, label } of layOutNonfinite(pen, frame, lines)) {
    pen.globalAlpha = isDimmed(highlighted, line.highlightId) ? DIM : 1;
    pen.beginPath();
    pen.moveTo(x, floor + 1.5);
    pen.lineTo(x + 5, floor + 10);
    pen.lineTo(x - 5, floor + 10);
    pen.closePath();
    pen.strokeStyle = token("surface");
    pen.lineWidth = 1.5;
    pen.stroke();
    pen.fillStyle = token("danger");
    pen.fill();
    if (left === null) continue;
    paintPlate(pen, left, floor + 4, wide, token("danger-soft"), 1);
    pen.fillStyle = token("danger");
    pen.fillText(label, left + 4, floor + 11);
  }
  pen.globalAlpha = 1;
}
