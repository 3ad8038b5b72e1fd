/**
 * A slice on its own element: the result of each run over one of its parameters, coloured by when it was begun.
 */

import { leftOfPlot, type PlotBox, paintXAxis, paintYAxis } from "../axis/paint-axes";
import { type AxisChoice, fractionOf, type ValueAxis } from "../axis/value-axis";
import { paintDot, paintDots } from "../dots";
import { rampColor } from "../ramp";
import { followRuns, type RunHandlers, type RunMark } from "../run-pointer";
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

export class SliceChart extends Surface<SliceContent> {
  #slice: SliceAxis | null = null;
  /** Dots inside and outside of the brushes, as they were painted last. */
  #inside: readonly Mark[] = [];
  #outside: readonly Mark[] = [];

  constructor(element: HTMLElement, handlers: RunHandlers) {
    super(element);
    followRuns(this, () => this.#inside, handlers);
  }

  override set(content: SliceContent): void {
    const ids = content.runs.map(({ id }) => id);
    this.#slice = layOutSlice(content.values, ids, content.scale);
    super.set(content);
  }

  protected paintBase(ctx: Ctx): void {
    const { content, width, height } = this;
    const slice = this.#slice;
    if (!content || !slice) return;
    const floor = height - SIDE.bottom;
    const left = leftOfPlot(ctx, content.y, SIDE.left, width, floor - SIDE.top);
    const box = { left, right: width - SIDE.right, top: SIDE.top, floor };
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

  protected override paintTop(ctx: Ctx): void {
    const mark = this.highlightedOf(this.#inside) ?? this.highlightedOf(this.#outside);
    if (!mark) return;
    const fill = timeColor(mark.time);
    paintDot(ctx, mark.x, mark.y, { radius: HIGHLIGHT_PX, fill, outline: token("text"), lineWidth: 2 });
  }
}

/** From the first run to the last. */
function timeColor(time: number): string {
  return rampColor(FAINTEST + (1 - FAINTEST) * time);
}
