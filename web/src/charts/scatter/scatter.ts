/** A scatter chart on its own element: one dot for each run, one column of the runs table against another. */

import { leftOfPlot, type PlotBox, paintXAxis, paintYAxis } from "../axis/paint-axes";
import { MARGIN } from "../axis/scale";
import { paintDot } from "../dots";
import { strokeLine } from "../pen";
import { paintRamp, RAMP_PX, rampColor } from "../ramp";
import { followRuns, type RunHover, type RunMark } from "../run-pointer";
import { type Ctx, Surface } from "../surface";
import { runToken, token } from "../tokens";
import {
  type Dot,
  endText,
  layOutScatter,
  type ScatterLayout,
  type ScatterPoint,
  type ScatterView,
} from "./scatter-layout";

/** Below the labels of the x axis stands its name. */
const SIDE = { ...MARGIN, bottom: 36 } as const;
const DOT_PX = 4.5;
const HIGHLIGHT_PX = 6.5;
/** Width of the outline of a hidden run's dot. */
const HOLLOW_PX = 1.6;
const DIMMED = 0.26;

export interface ScatterContent {
  readonly points: readonly ScatterPoint[];
  readonly view: ScatterView;
}

type Point = readonly [x: number, y: number];

interface Mark extends RunMark {
  readonly dot: Dot;
}

export class ScatterChart extends Surface<ScatterContent> {
  #layout: ScatterLayout | null = null;
  #marks: readonly Mark[] = [];

  constructor(element: HTMLElement, onHover: (hover: RunHover | null) => void) {
    super(element);
    followRuns(this, () => this.#marks, { onHover });
  }

  override set(content: ScatterContent): void {
    this.#layout = layOutScatter(content.points, content.view);
    super.set(content);
  }

  protected paintBase(ctx: Ctx): void {
    const { content, width, height } = this;
    const layout = this.#layout;
    if (!layout || !content) return;
    const { view } = content;
    const right = width - (layout.ramp ? RAMP_PX : SIDE.right);
    const floor = height - SIDE.bottom;
    const left = leftOfPlot(ctx, layout.y, SIDE.left, width, floor - SIDE.top);
    const box = { left, right, top: SIDE.top, floor };
    paintYAxis(ctx, layout.y, box);
    paintXAxis(ctx, layout.x, box, { text: view.xLabel, height });
    const at = (x: number, y: number) =>
      [box.left + x * (right - box.left), box.floor - y * (box.floor - box.top)] as const;
    if (layout.fit) paintFit(ctx, box, at(0, layout.fit[0]), at(1, layout.fit[1]));
    this.#marks = layout.dots.map((dot) => {
      const [x, y] = at(dot.x, dot.y);
      return { id: dot.id, x, y, dot };
    });
    // an outline covers no dot of a shown run
    for (const isShown of [false, true])
      for (const mark of this.#marks) if (mark.dot.isShown === isShown) paintMark(ctx, mark, false);
    const { rampEnds } = layout;
    if (rampEnds)
      paintRamp(
        ctx,
        {
          title: view.tintLabel ?? "",
          low: endText(rampEnds[0]),
          high: endText(rampEnds[1]),
          isOfOne: rampEnds[0] === rampEnds[1],
        },
        { width, top: SIDE.top, bottom: height - SIDE.bottom },
      );
  }

  protected override paintTop(ctx: Ctx): void {
    const mark = this.highlightedOf(this.#marks);
    this.dim(mark ? DIMMED : 1);
    if (mark) paintMark(ctx, mark, true);
  }
}

function paintFit(ctx: Ctx, { left, right, top, floor }: PlotBox, from: Point, to: Point): void {
  ctx.save();
  ctx.beginPath();
  ctx.rect(left, top, right - left, floor - top);
  ctx.clip();
  ctx.setLineDash([5, 3.5]);
  ctx.strokeStyle = token("text-2");
  ctx.lineWidth = 1.2;
  strokeLine(ctx, ...from, ...to);
  ctx.restore();
}

function paintMark(ctx: Ctx, { dot, x, y }: Mark, isHighlighted: boolean): void {
  const color =
    dot.color !== null
      ? runToken(dot.color)
      : dot.ramp !== null
        ? rampColor(dot.ramp)
        : token("border-control");
  paintDot(ctx, x, y, {
    radius: isHighlighted ? HIGHLIGHT_PX : DOT_PX,
    fill: dot.isShown ? color : token("surface"),
    outline: dot.isShown ? token(isHighlighted ? "text" : "surface") : color,
    lineWidth: isHighlighted ? 2 : dot.isShown ? 1.2 : HOLLOW_PX,
  });
}
