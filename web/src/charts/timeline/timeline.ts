/** Bars over time in rows, on an element of its own: which run was where, from when to when. A click opens the run. */

import { leftOfPlot, paintXAxis, paintYAxis } from "../axis/paint-axes";
import { MARGIN } from "../axis/scale";
import { fractionOf, type ValueAxis, valueAxis } from "../axis/value-axis";
import { followRuns, type RunHandlers, type RunMark } from "../run-pointer";
import { type Ctx, Surface } from "../surface";
import { token } from "../tokens";

export interface TimelineBar {
  readonly id: string;
  /** The label of its row. */
  readonly row: string;
  /** Bars that overlap are in different lanes of their row, of which it has `nLanes`. */
  readonly lane: number;
  readonly nLanes: number;
  readonly from: number;
  readonly to: number;
  readonly look: "finished" | "stopped" | "failed" | "running";
}

export interface TimelineContent {
  readonly bars: readonly TimelineBar[];
  /** Labels of the rows, from the top. */
  readonly rows: readonly string[];
  readonly xLabel: string;
}

interface Mark extends RunMark {
  readonly bar: TimelineBar;
  readonly left: number;
  readonly width: number;
  readonly top: number;
  readonly height: number;
}

const LEAST_LEFT_PX = 64;
/** Part of a row that its bars leave free. */
const GAP = 0.3;
const LEAST_PX = 2;

const COLORS = {
  finished: "text-2",
  stopped: "border-control",
  failed: "danger",
  running: "positive",
} as const;

export class TimelineChart extends Surface<TimelineContent> {
  #axes: { readonly x: ValueAxis; readonly y: ValueAxis } | null = null;
  #marks: readonly Mark[] = [];

  constructor(element: HTMLElement, handlers: RunHandlers) {
    super(element);
    const markAt = (_: unknown, px: number, py: number) =>
      this.#marks.find(
        ({ left, width, top, height }) =>
          px >= left - 1 && px <= left + width + 1 && py >= top && py <= top + height,
      ) ?? null;
    followRuns(this, () => this.#marks, handlers, markAt);
  }

  override set(content: TimelineContent): void {
    const x = valueAxis(
      content.bars.flatMap(({ from, to }) => [from, to]),
      { choice: "linear", isParameter: false },
    );
    this.#axes = x && { x, y: { kind: "category", levels: content.rows.toReversed() } };
    super.set(content);
  }

  protected paintBase(ctx: Ctx): void {
    const { content, width, height } = this;
    if (!content || !this.#axes) return;
    const { x, y } = this.#axes;
    const left = leftOfPlot(ctx, y, LEAST_LEFT_PX, width, height);
    const box = { left, right: width - MARGIN.right, top: MARGIN.top, floor: height - 36 };
    paintYAxis(ctx, y, box);
    paintXAxis(ctx, x, box, { text: content.xLabel, height });
    const rowPx = (box.floor - box.top) / Math.max(1, content.rows.length);
    const xPx = (value: number) => box.left + (fractionOf(x, value) ?? 0) * (box.right - box.left);
    this.#marks = content.bars.map((bar) => {
      const middle = box.floor - (fractionOf(y, bar.row) ?? 0) * (box.floor - box.top);
      const lanePx = (rowPx * (1 - GAP)) / bar.nLanes;
      const top = middle - (rowPx * (1 - GAP)) / 2 + bar.lane * lanePx;
      const from = xPx(bar.from);
      const barPx = Math.max(LEAST_PX, xPx(bar.to) - from);
      return {
        bar,
        id: bar.id,
        x: from + barPx / 2,
        y: top,
        left: from,
        width: barPx,
        top,
        height: Math.max(LEAST_PX, lanePx - (bar.nLanes > 1 ? 1 : 0)),
      };
    });
    for (const mark of this.#marks) paintBar(ctx, mark);
  }

  protected override paintTop(ctx: Ctx): void {
    const mark = this.highlightedOf(this.#marks);
    if (!mark) return;
    ctx.strokeStyle = token("text");
    ctx.lineWidth = 1.5;
    ctx.strokeRect(mark.left - 1, mark.top - 1, mark.width + 2, mark.height + 2);
  }
}

/** With an edge of the ground's color, so that bars that follow at once are told apart. */
function paintBar(ctx: Ctx, { bar, left, top, width, height }: Mark): void {
  ctx.fillStyle = token(COLORS[bar.look]);
  ctx.fillRect(left, top, width > 4 ? width - 1 : width, height);
}
