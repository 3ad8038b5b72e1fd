/**
 * A slice on its own element: the result of each run over one of its parameters, coloured by when it was begun.
 */

import { type PlotBox, paintXAxis, paintYAxis } from "../axis/paint-axes";
import type { AxisChoice, ValueAxis } from "../axis/value-axis";
import { paintDots } from "../dots";
import { rampColor } from "../ramp";
import { type RunHandlers, type RunMark, RunPointer } from "../run-pointer";
import { litRun } from "../shared-state";
import { type Ctx, Surface } from "../surface";
import { token } from "../tokens";
import { layOutSlice, type SliceDot, type SliceLayout, type SlicePoint } from "./slice-layout";

export interface SliceContent {
  readonly points: readonly SlicePoint[];
  readonly xScale: AxisChoice;
  /** All slices of a page share it. */
  readonly y: ValueAxis;
}

const SIDE = { left: 46, right: 10, top: 8, bottom: 20 } as const;
const DOT_PX = 3.6;
const LIT_PX = 5.5;
const FAINTEST = 0.2;
/** Colours that are told apart: as many strings are made, not one for each dot. */
const COLORS = 24;

export class SliceChart {
  readonly #surface: Surface;
  readonly #pointer: RunPointer;
  #content: SliceContent | null = null;
  #layout: SliceLayout | null = null;
  #box: PlotBox = { left: 0, right: 0, top: 0, floor: 0 };
  #marks: readonly RunMark[] = [];

  constructor(element: HTMLElement, handlers: RunHandlers) {
    this.#surface = new Surface(element, {
      paintBase: (ctx, width, height) => this.#paintBase(ctx, width, height),
      paintTop: (ctx) => this.#paintTop(ctx),
    });
    this.#pointer = new RunPointer(this.#surface, () => this.#marks, handlers);
  }

  set(content: SliceContent): void {
    this.#content = content;
    this.#layout = layOutSlice(content.points, content.xScale, content.y);
    this.#surface.planBase();
  }

  destroy(): void {
    this.#pointer.leave();
    this.#surface.destroy();
  }

  #markOf({ id, x, y }: SliceDot): RunMark {
    const { left, right, top, floor } = this.#box;
    return { id, x: left + x * (right - left), y: floor - y * (floor - top) };
  }

  #paintBase(ctx: Ctx, width: number, height: number): void {
    this.#box = { left: SIDE.left, right: width - SIDE.right, top: SIDE.top, floor: height - SIDE.bottom };
    if (!this.#content || !this.#layout) return;
    paintYAxis(ctx, this.#content.y, this.#box);
    paintXAxis(ctx, this.#layout.x, this.#box, null);
    const { dots } = this.#layout;
    const look = { most: DOT_PX, outline: token("surface"), width };
    const out = token("border-strong");
    paintDots(
      ctx,
      dots.filter((dot) => !dot.isIn).map((dot) => ({ ...this.#markOf(dot), color: out })),
      look,
    );
    const colors = Array.from({ length: COLORS + 1 }, (_, i) => timeColor(i / COLORS));
    const inside = dots.filter((dot) => dot.isIn);
    this.#marks = inside.map((dot) => this.#markOf(dot));
    paintDots(
      ctx,
      inside.map(({ time }, i) => ({ ...this.#marks[i]!, color: colors[Math.round(time * COLORS)]! })),
      look,
    );
  }

  #paintTop(ctx: Ctx): void {
    const lit = litRun.get();
    const dot = lit === null ? undefined : this.#layout?.dots.find(({ id }) => id === lit);
    if (!dot) return;
    const { x, y } = this.#markOf(dot);
    ctx.beginPath();
    ctx.arc(x, y, LIT_PX, 0, 2 * Math.PI);
    ctx.fillStyle = timeColor(dot.time);
    ctx.fill();
    ctx.lineWidth = 2;
    ctx.strokeStyle = token("text");
    ctx.stroke();
  }
}

/** From the first run to the last. */
function timeColor(time: number): string {
  return rampColor(FAINTEST + (1 - FAINTEST) * time);
}
