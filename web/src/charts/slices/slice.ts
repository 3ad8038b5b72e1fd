/**
 * A slice on its own element: the result of each run over one of its parameters, coloured by when it was begun.
 */

import { type PlotBox, paintXAxis, paintYAxis } from "../axis/paint-axes";
import { type AxisChoice, fractionOf, type ValueAxis } from "../axis/value-axis";
import { paintDots } from "../dots";
import { rampColor } from "../ramp";
import { type RunHandlers, type RunMark, RunPointer } from "../run-pointer";
import { highlightedRun } from "../shared-state";
import { type Ctx, Surface } from "../surface";
import { token } from "../tokens";
import { layOutSlice, type SliceAxis } from "./slice-layout";

interface SliceRun {
  readonly id: string;
  readonly y: number;
  /** When it was begun, from 0 for the first run to 1 for the last. */
  readonly time: number;
  /** False: a brush leaves it out. */
  readonly isIn: boolean;
}

export interface SliceContent {
  readonly runs: readonly SliceRun[];
  /** The parameter, of each run. */
  readonly values: readonly unknown[];
  readonly scale: AxisChoice;
  /** All slices of a page share it. */
  readonly y: ValueAxis;
}

const SIDE = { left: 46, right: 10, top: 8, bottom: 20 } as const;
const DOT_PX = 3.6;
const HIGHLIGHT_PX = 5.5;
const FAINTEST = 0.2;
/** Colours that are told apart: as many strings are made, not one for each dot. */
const COLORS = 24;

interface Mark extends RunMark {
  readonly time: number;
}

export class SliceChart {
  readonly #surface: Surface;
  readonly #pointer: RunPointer;
  #content: SliceContent | null = null;
  #slice: SliceAxis | null = null;
  /** Dots inside and outside of the brushes, as they were painted last. */
  #inside: readonly Mark[] = [];
  #outside: readonly Mark[] = [];

  constructor(element: HTMLElement, handlers: RunHandlers) {
    this.#surface = new Surface(element, {
      paintBase: (ctx, width, height) => this.#paintBase(ctx, width, height),
      paintTop: (ctx) => this.#paintTop(ctx),
    });
    this.#pointer = new RunPointer(this.#surface, () => this.#inside, handlers);
  }

  set(content: SliceContent): void {
    this.#content = content;
    const ids = content.runs.map(({ id }) => id);
    this.#slice = layOutSlice(content.values, ids, content.scale);
    this.#surface.planBase();
  }

  destroy(): void {
    this.#pointer.leave();
    this.#surface.destroy();
  }

  #paintBase(ctx: Ctx, width: number, height: number): void {
    const [content, slice] = [this.#content, this.#slice];
    if (!content || !slice) return;
    const box = { left: SIDE.left, right: width - SIDE.right, top: SIDE.top, floor: height - SIDE.bottom };
    paintYAxis(ctx, content.y, box);
    paintXAxis(ctx, slice.axis, box, null);
    this.#layOutMarks(content, slice, box);
    const look = { most: DOT_PX, outline: token("surface"), width, height };
    const out = token("border-strong");
    paintDots(ctx, this.#outside, { ...look, colorOf: () => out });
    const colors = Array.from({ length: COLORS + 1 }, (_, i) => timeColor(i / COLORS));
    const inside = this.#inside;
    paintDots(ctx, inside, { ...look, colorOf: (at) => colors[Math.round(inside[at]!.time * COLORS)]! });
  }

  #layOutMarks(
    { runs, y }: SliceContent,
    { fractions }: SliceAxis,
    { left, right, top, floor }: PlotBox,
  ): void {
    const [inside, outside]: [Mark[], Mark[]] = [[], []];
    for (const [i, run] of runs.entries()) {
      const [atX, atY] = [fractions[i]!, fractionOf(y, run.y)];
      if (Number.isNaN(atX) || atY === null) continue;
      const mark = {
        id: run.id,
        x: left + atX * (right - left),
        y: floor - atY * (floor - top),
        time: run.time,
      };
      if (run.isIn) inside.push(mark);
      else outside.push(mark);
    }
    this.#inside = inside;
    this.#outside = outside;
  }

  #paintTop(ctx: Ctx): void {
    const highlighted = highlightedRun.get();
    if (highlighted === null) return;
    const isHighlighted = ({ id }: Mark) => id === highlighted;
    const mark = this.#inside.find(isHighlighted) ?? this.#outside.find(isHighlighted);
    if (!mark) return;
    ctx.beginPath();
    ctx.arc(mark.x, mark.y, HIGHLIGHT_PX, 0, 2 * Math.PI);
    ctx.fillStyle = timeColor(mark.time);
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
