/**
 * A line chart as a file: PNG and SVG with title and legend, painted by what paints the screen.
 */

import { frameOf } from "../axis/scale";
import type { XAxis } from "../axis/x-axis";
import type { BuiltLine } from "../line/built-line";
import type { Curve, LineView } from "../line/curve";
import { buildChart } from "../line/line-build";
import { paintAxes } from "../line/paint/axes-render";
import { paintBandOf, paintLineOf } from "../line/paint/highlight-render";
import { dashOf, dotSize, LINE_WIDTH, linesLook, widthOf } from "../line/paint/line-look";
import { nonfiniteRoom, paintMarks } from "../line/paint/mark-render";
import type { Pen } from "../pen";
import { runToken, token } from "../tokens";
import { SvgPen } from "./svg-pen";

/** Content of the picture. */
export interface Picture {
  readonly title: string;
  /** Note of the panel's header next to the title: `y 0.28 to 1.02`. */
  readonly note: string;
  /** Title below the x axis. */
  titleOf(axis: XAxis): string;
  readonly curves: readonly Curve[];
  readonly view: LineView;
  /** Of the chart without title and legend, px. */
  readonly width: number;
  readonly height: number;
}

/** Pixels of a PNG for each px: for slides and paper. */
const PNG_RATIO = 2;
const HEAD_PX = 30;
const LEGEND_ROW_PX = 17;
/** Of a stroke in the legend, px. */
const LEGEND_WIDTH = 2;
const SIDE_PX = 12;
/** Below the chart, for the name of its x axis. */
const AXIS_PX = 18;
/** More names than this say nothing any more; how many there are, the legend says. */
const LEGEND_MAX = 60;

export async function pngOf(picture: Picture): Promise<Blob> {
  const canvas = document.createElement("canvas");
  const pen = canvas.getContext("2d")!;
  const { height } = layOut(pen, picture);
  canvas.width = picture.width * PNG_RATIO;
  canvas.height = height * PNG_RATIO;
  pen.setTransform(PNG_RATIO, 0, 0, PNG_RATIO, 0, 0);
  paintPicture(pen, picture, (dy) => pen.translate(0, dy));
  return new Promise((resolve, reject) => {
    canvas.toBlob(
      (blob) => (blob ? resolve(blob) : reject(new Error("The picture is too large"))),
      "image/png",
    );
  });
}

export function svgOf(picture: Picture): string {
  const pen = document.createElement("canvas").getContext("2d")!;
  const svg = new SvgPen((text, font) => {
    pen.font = font;
    return pen.measureText(text).width;
  });
  const { height } = layOut(svg, picture);
  paintPicture(svg, picture, (dy) => svg.moveDown(dy));
  return svg.toText(picture.width, height);
}

interface Entry {
  readonly line: Pick<BuiltLine, "name" | "color" | "stroke" | "widthPx" | "hasDots" | "isBaseline"> | null;
  readonly text: string;
  readonly x: number;
  readonly row: number;
}

/** Where the legend's names stand, and how high the picture is. */
function layOut(
  pen: Pen,
  { curves, width, height }: Picture,
): { entries: Entry[]; top: number; height: number } {
  pen.font = `400 11px ${token("font")}`;
  const entries: Entry[] = [];
  let x = SIDE_PX;
  let row = 0;
  const add = (line: Entry["line"], text: string) => {
    const wide = pen.measureText(text).width + (line ? 17 : 0);
    if (x > SIDE_PX && x + wide > width - SIDE_PX) {
      x = SIDE_PX;
      row += 1;
    }
    entries.push({ line, text, x, row });
    x += wide + 14;
  };
  for (const curve of curves.slice(0, LEGEND_MAX)) add(curve, curve.name);
  if (curves.length > LEGEND_MAX) add(null, `+${curves.length - LEGEND_MAX}`);
  const top = HEAD_PX + (row + 1) * LEGEND_ROW_PX;
  return { entries, top, height: top + height + AXIS_PX };
}

function paintPicture(pen: Pen, picture: Picture, moveDown: (px: number) => void): void {
  const { title, note, curves, view, width, height } = picture;
  const { entries, top, height: whole } = layOut(pen, picture);
  pen.fillStyle = token("surface");
  pen.fillRect(0, 0, width, whole);
  pen.textAlign = "left";
  pen.textBaseline = "middle";
  pen.fillStyle = token("text");
  pen.font = `600 13px ${token("font")}`;
  pen.fillText(title, SIDE_PX, HEAD_PX / 2);
  const after = SIDE_PX + pen.measureText(title).width + 8;
  pen.font = `400 11px ${token("font")}`;
  pen.fillStyle = token("muted");
  pen.fillText(note, after, HEAD_PX / 2);
  for (const entry of entries) paintEntry(pen, entry);
  moveDown(top);
  const built = buildChart(curves, view);
  const { xScale, yScale } = view;
  const hasFlags = built.flags.length > 0;
  const frame = frameOf({ width, height, x: built.x, y: built.y, xScale, yScale, hasFlags });
  const look = {
    ...linesLook(view, built.lines, frame),
    width: LINE_WIDTH,
  };
  const hasValues = built.lines.some((line) => line.x.length > 0);
  paintAxes(pen, frame, built.axis, hasValues, nonfiniteRoom(pen, frame, built.lines));
  pen.textAlign = "right";
  pen.fillStyle = token("text-2");
  pen.font = `400 11px ${token("font")}`;
  pen.fillText(picture.titleOf(built.axis), frame.right, height + AXIS_PX / 2 - 3);
  for (const line of built.lines) paintBandOf(pen, frame, line, look);
  for (const line of built.lines) paintLineOf(pen, frame, line, look);
  paintMarks(pen, frame, built, null);
}

function paintEntry(pen: Pen, { line, text, x, row }: Entry): void {
  const y = HEAD_PX + row * LEGEND_ROW_PX + LEGEND_ROW_PX / 2;
  let left = x;
  if (line) {
    pen.strokeStyle = runToken(line.color);
    const width = widthOf(line, LEGEND_WIDTH);
    pen.lineWidth = width;
    pen.setLineDash(dashOf(line) ?? []);
    pen.beginPath();
    pen.moveTo(x, y);
    pen.lineTo(x + 12, y);
    pen.stroke();
    pen.setLineDash([]);
    if (line.hasDots) {
      pen.fillStyle = runToken(line.color);
      pen.beginPath();
      pen.arc(x + 6, y, dotSize(width) / 2, 0, 2 * Math.PI);
      pen.fill();
    }
    left += 17;
  }
  pen.fillStyle = token(line ? "text-2" : "muted");
  pen.fillText(text, left, y);
}
