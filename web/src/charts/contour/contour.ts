/**
 * A contour plot on its own element: a result over two parameters as a map in bands of colour, the runs on top, and
 * a ring around the best one.
 */

import { formatTick } from "@/data/text/format";
import { type PlotBox, paintXAxis, paintYAxis } from "../axis/paint-axes";
import { type AxisChoice, fractionOf, type ValueAxis, valueAxis } from "../axis/value-axis";
import { paintDot, paintDots } from "../dots";
import { fractionOfId } from "../jitter";
import { paintRamp, RAMP_PX, rampColor } from "../ramp";
import { followRuns, type RunHandlers, type RunMark } from "../run-pointer";
import { type Ctx, paintText, Surface } from "../surface";
import { token } from "../tokens";
import { type ContourMap, contourAt, contourMap, contourRange } from "./contour-map";

interface ContourRun {
  readonly id: string;
  readonly x: unknown;
  readonly y: unknown;
  /** The result. */
  readonly z: number;
  /** False: a brush leaves it out. */
  readonly isIn: boolean;
}

export interface ContourContent {
  readonly runs: readonly ContourRun[];
  readonly xScale: AxisChoice;
  readonly yScale: AxisChoice;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly zLabel: string;
  /** Low results have the strong colours. */
  readonly isLowBest: boolean;
  /** The run with the ring; null: none. */
  readonly best: string | null;
}

interface MapMark extends RunMark {
  readonly z: number;
  readonly isIn: boolean;
}

interface Layout {
  readonly x: ValueAxis;
  readonly y: ValueAxis;
  /** Places from 0 to 1. */
  readonly dots: readonly MapMark[];
  readonly map: ContourMap;
  readonly range: readonly [number, number];
}

const SIDE = { left: 60, top: 20, bottom: 36 } as const;
/** Texts at the left need more room than numbers. */
const LEFT_OF_TEXTS = 96;
const PAD = 0.05;
const SPREAD = 0.5;
const BANDS = 12;
const DOT_PX = 3;
const HIGHLIGHT_PX = 5.5;
const RING_PX = 7;
/** So many dots would hide the map: they are translucent. */
const MANY = 1500;

export class ContourChart extends Surface<ContourContent> {
  #layout: Layout | null = null;
  #box: PlotBox = { left: 0, right: 0, top: 0, floor: 0 };
  #marks: readonly MapMark[] = [];

  constructor(element: HTMLElement, handlers: RunHandlers) {
    super(element);
    followRuns(this, () => this.#marks.filter(({ isIn }) => isIn), handlers);
  }

  override set(content: ContourContent): void {
    this.#layout = layOut(content);
    super.set(content);
  }

  protected paintBase(ctx: Ctx): void {
    const { content, width, height } = this;
    const layout = this.#layout;
    if (!content || !layout) return;
    const box = {
      left: layout.y.kind === "category" ? LEFT_OF_TEXTS : SIDE.left,
      right: width - RAMP_PX,
      top: SIDE.top,
      floor: height - SIDE.bottom,
    };
    this.#box = box;
    paintYAxis(ctx, layout.y, box);
    this.#paintMap(ctx, layout, content.isLowBest);
    paintXAxis(ctx, layout.x, box, { text: content.xLabel, height });
    paintText(ctx, content.yLabel, box.left, 9, {
      color: "text-2",
      most: box.right - box.left,
      cut: "middle",
    });
    const { left, right, top, floor } = box;
    this.#marks = layout.dots.map((dot) => ({
      ...dot,
      x: left + dot.x * (right - left),
      y: floor - dot.y * (floor - top),
    }));
    const dots = this.#marks.filter(({ isIn }) => isIn);
    const color = token("text");
    ctx.globalAlpha = dots.length > MANY ? 0.35 : 0.9;
    paintDots(ctx, dots, { most: DOT_PX, outline: token("surface"), width, height, colorOf: () => color });
    ctx.globalAlpha = 1;
    const best = this.#marks.find(({ id }) => id === content.best);
    if (best) paintRing(ctx, best);
    const [lo, hi] = layout.range;
    const [low, high] = content.isLowBest ? [hi, lo] : [lo, hi];
    paintRamp(
      ctx,
      { title: content.zLabel, low: shortNumber(low), high: shortNumber(high) },
      { width, top, bottom: floor },
    );
  }

  #paintMap(ctx: Ctx, layout: Layout, isLowBest: boolean): void {
    const { left, right, top, floor } = this.#box;
    const [width, height] = [Math.floor(right - left), Math.floor(floor - top)];
    if (width < 1 || height < 1) return;
    const colors = Array.from({ length: BANDS }, (_, band) => channels(rampColor((band + 0.5) / BANDS)));
    const [lo, hi] = layout.range;
    const image = new ImageData(width, height);
    for (let py = 0; py < height; py++)
      for (let px = 0; px < width; px++) {
        const value = contourAt(layout.map, (px + 0.5) / width, 1 - (py + 0.5) / height);
        if (Number.isNaN(value)) continue;
        const fraction = hi > lo ? (isLowBest ? hi - value : value - lo) / (hi - lo) : 1;
        const color = colors[Math.max(0, Math.min(BANDS - 1, Math.floor(fraction * BANDS)))]!;
        image.data.set(color, 4 * (py * width + px));
      }
    const canvas = new OffscreenCanvas(width, height);
    canvas.getContext("2d")!.putImageData(image, 0, 0);
    ctx.drawImage(canvas, left, top, width, height);
  }

  protected override paintTop(ctx: Ctx): void {
    const mark = this.highlightedOf(this.#marks);
    const [fill, outline] = [token("text"), token("surface")];
    if (mark) paintDot(ctx, mark.x, mark.y, { radius: HIGHLIGHT_PX, fill, outline, lineWidth: 2 });
  }
}

function layOut({ runs, xScale, yScale }: ContourContent): Layout | null {
  const axisOf = (values: readonly unknown[], choice: AxisChoice) =>
    valueAxis(values, { choice, isParameter: choice === "auto", pad: PAD });
  const x = axisOf(
    runs.map((run) => run.x),
    xScale,
  );
  const y = axisOf(
    runs.map((run) => run.y),
    yScale,
  );
  if (!x || !y) return null;
  const placed = runs.flatMap(({ id, z, isIn, ...run }): MapMark[] => {
    const [atX, atY] = [fractionOf(x, run.x), fractionOf(y, run.y)];
    return atX === null || atY === null ? [] : [{ id, x: atX, y: atY, z, isIn }];
  });
  const map = contourMap(
    placed.filter(({ isIn }) => isIn),
    nLevels(x),
    nLevels(y),
  );
  const range = contourRange(map);
  if (!range) return null;
  // runs of one category stand apart in its column
  const dots = placed.map((dot) => ({
    ...dot,
    x: dot.x + apart(x, dot.id),
    y: dot.y + apart(y, `${dot.id} `),
  }));
  return { x, y, dots, map, range };
}

function nLevels(axis: ValueAxis): number | null {
  return axis.kind === "category" ? axis.levels.length : null;
}

function apart(axis: ValueAxis, id: string): number {
  return axis.kind === "category" ? ((fractionOfId(id) - 0.5) * SPREAD) / axis.levels.length : 0;
}

/** Seen on every colour: a light ring in a dark one, or the other way round. */
function paintRing(ctx: Ctx, { x, y }: RunMark): void {
  for (const [color, width] of [
    ["surface", 5],
    ["text", 2],
  ] as const) {
    ctx.beginPath();
    ctx.arc(x, y, RING_PX, 0, 2 * Math.PI);
    ctx.lineWidth = width;
    ctx.strokeStyle = token(color);
    ctx.stroke();
  }
}

function channels(color: string): readonly [number, number, number, number] {
  const [red, green, blue] = (color.match(/\d+/g) ?? []).map(Number);
  return [red!, green!, blue!, 255];
}

function shortNumber(value: number): string {
  return formatTick(Number(value.toPrecision(3)));
}
