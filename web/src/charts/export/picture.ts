/** A line chart as a file: PNG and SVG with title and legend, painted by what paints the screen. */

import { formatNoun } from "@/data/text/format";
import { type Frame, frameOf } from "../axis/scale";
import type { XAxis } from "../axis/x-axis";
import type { BuiltLine } from "../line/built-line";
import type { Curve, LineView } from "../line/curve";
import { DensityGrid } from "../line/density";
import { buildChart, isDensity } from "../line/line-build";
import { paintAxes } from "../line/paint/axes-render";
import { DensityPaint } from "../line/paint/density-paint";
import { curvesOnTop, paintBandOf, paintLineOf, paintOnTop } from "../line/paint/highlight-render";
import { dashOf, dotSize, LINE_WIDTH, linesLook, widthOf } from "../line/paint/line-look";
import { markRows, paintMarks } from "../line/paint/mark-render";
import { fillCircle, type Pen, strokeLine } from "../pen";
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
  paintPicture(pen, picture, {
    moveDown: (dy) => pen.translate(0, dy),
    putImage: (image, ...box) => pen.drawImage(image, ...box),
  });
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
  paintPicture(svg, picture, {
    moveDown: (dy) => svg.moveDown(dy),
    putImage: (image, ...box) => svg.putImage(image.toDataURL(), ...box),
  });
  return svg.toText(picture.width, height);
}

/** The operations of a picture that differ between pixels and SVG. */
interface Sheet {
  moveDown(px: number): void;
  putImage(image: HTMLCanvasElement, x: number, y: number, width: number, height: number): void;
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
  { curves, view, width, height }: Picture,
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
  const isDense = isDensity(curves, view);
  const named = isDense ? curvesOnTop(curves) : curves;
  if (isDense) add(null, `Density of ${formatNoun(curves.length, "curve")}`);
  for (const curve of named.slice(0, LEGEND_MAX)) add(curve, curve.name);
  if (named.length > LEGEND_MAX) add(null, `+${named.length - LEGEND_MAX}`);
  const top = HEAD_PX + (row + 1) * LEGEND_ROW_PX;
  return { entries, top, height: top + height + AXIS_PX };
}

function paintPicture(pen: Pen, picture: Picture, sheet: Sheet): void {
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
  sheet.moveDown(top);
  const built = buildChart(curves, view);
  const { xScale, yScale } = view;
  const frame = frameOf({ width, height, x: built.x, y: built.y, xScale, yScale, ...markRows(built) });
  paintAxes(pen, frame, built.axis, built.values);
  pen.textAlign = "right";
  pen.fillStyle = token("text-2");
  pen.font = `400 11px ${token("font")}`;
  pen.fillText(picture.titleOf(built.axis), frame.right, height + AXIS_PX / 2 - 3);
  if (built.isDense) {
    putDensity(sheet, frame, built.lines, view.band !== "none");
    paintOnTop(pen, frame, built.lines);
  } else {
    const look = { ...linesLook(view, built), width: LINE_WIDTH };
    for (const line of built.lines) paintBandOf(pen, frame, line, look);
    for (const line of built.lines) paintLineOf(pen, frame, line, look);
  }
  paintMarks(pen, frame, built, null);
}

function putDensity(sheet: Sheet, frame: Frame, lines: readonly BuiltLine[], hasBands: boolean): void {
  const density = new DensityPaint(frame, lines, hasBands, PNG_RATIO, new DensityGrid());
  density.step(Number.POSITIVE_INFINITY);
  const pixels = density.toImage();
  const image = document.createElement("canvas");
  image.width = pixels.width;
  image.height = pixels.height;
  image.getContext("2d")!.putImageData(pixels, 0, 0);
  sheet.putImage(image, frame.left, 0, pixels.width / PNG_RATIO, pixels.height / PNG_RATIO);
}

function paintEntry(pen: Pen, { line, text, x, row }: Entry): void {
  const y = HEAD_PX + row * LEGEND_ROW_PX + LEGEND_ROW_PX / 2;
  let left = x;
  if (line) {
    pen.strokeStyle = runToken(line.color);
    const width = widthOf(line, LEGEND_WIDTH);
    pen.lineWidth = width;
    pen.setLineDash(dashOf(line) ?? []);
    strokeLine(pen, x, y, x + 12, y);
    pen.setLineDash([]);
    if (line.hasDots) {
      pen.fillStyle = runToken(line.color);
      fillCircle(pen, x + 6, y, dotSize(width) / 2);
    }
    left += 17;
  }
  pen.fillStyle = token(line ? "text-2" : "muted");
  pen.fillText(text, left, y);
}
