/**
 * The results of a search's runs, on an element of its own: a dot for each run with a value, crosses on the
 * floor for those that failed, and a line of the best. A click on a dot opens its run.
 */

import { MARGIN } from "../axis/scale";
import { fractionOf, type ValueAxis, valueAxis, valueTicks } from "../axis/value-axis";
import { paintDots } from "../dots";
import { rampColor } from "../ramp";
import { type RunHandlers, type RunMark, RunPointer } from "../run-pointer";
import { highlightedRun } from "../shared-state";
import { type Ctx, paintText, Surface } from "../surface";
import { token } from "../tokens";

export interface ObjectivePoint {
  readonly id: string;
  readonly x: number;
  /** null: the run failed. */
  readonly y: number | null;
  readonly look: "plain" | "stopped" | "failed";
  /** Its quality, 0 to 1, as a colour. */
  readonly rank: number;
}

export interface ObjectiveContent {
  readonly points: readonly ObjectivePoint[];
  /** Corners of the line of the best, from left to right. */
  readonly line: readonly (readonly [x: number, y: number])[];
  readonly xLabel: string;
}

interface Mark extends RunMark {
  readonly point: ObjectivePoint;
}

const SIDE = { ...MARGIN, left: 52, bottom: 36 } as const;
const DOT_PX = 4;
const HIGHLIGHT_PX = 6;
const CROSS_PX = 3.5;
/** Ranks that are told apart by colour. */
const COLORS = 24;
const PAD = 0.06;

export class ObjectiveChart {
  readonly #surface: Surface;
  readonly #pointer: RunPointer;
  #content: ObjectiveContent | null = null;
  #axes: { readonly x: ValueAxis; readonly y: ValueAxis } | null = null;
  #size = { width: 0, height: 0 };
  #marks: readonly Mark[] = [];

  constructor(element: HTMLElement, handlers: RunHandlers) {
    this.#surface = new Surface(element, {
      paintBase: (ctx, width, height) => this.#paintBase(ctx, width, height),
      paintTop: (ctx) => this.#paintTop(ctx),
    });
    this.#pointer = new RunPointer(this.#surface, () => this.#marks, handlers);
  }

  set(content: ObjectiveContent): void {
    this.#content = content;
    const { points, line } = content;
    const wish = { choice: "linear", isParameter: false, pad: PAD } as const;
    const x = valueAxis([...points.map((point) => point.x), ...line.map(([at]) => at)], wish);
    const y = valueAxis(
      points.map((point) => point.y),
      wish,
    );
    // of failed runs alone there is no y
    this.#axes = x ? { x, y: y ?? { kind: "linear", lo: 0, hi: 1 } } : null;
    this.#surface.planBase();
  }

  destroy(): void {
    this.#pointer.leave();
    this.#surface.destroy();
  }

  readonly #xPx = (x: number) => {
    const fraction = this.#axes ? (fractionOf(this.#axes.x, x) ?? 0) : 0;
    return SIDE.left + fraction * (this.#size.width - SIDE.right - SIDE.left);
  };
  readonly #yPx = (y: number | null) => {
    const floor = this.#size.height - SIDE.bottom;
    if (y === null || !this.#axes) return floor;
    return floor - (fractionOf(this.#axes.y, y) ?? 0) * (floor - SIDE.top);
  };

  #paintBase(ctx: Ctx, width: number, height: number): void {
    this.#size = { width, height };
    if (!this.#content || !this.#axes) return;
    this.#paintAxes(ctx, this.#axes, this.#content);
    this.#paintLine(ctx, this.#content.line);
    this.#marks = this.#content.points.map((point) => ({
      id: point.id,
      point,
      x: this.#xPx(point.x),
      y: this.#yPx(point.y),
    }));
    this.#paintMarks(ctx);
  }

  #paintAxes(ctx: Ctx, { x, y }: { x: ValueAxis; y: ValueAxis }, content: ObjectiveContent): void {
    const { width, height } = this.#size;
    const [left, right, floor] = [SIDE.left, width - SIDE.right, height - SIDE.bottom];
    ctx.lineWidth = 1;
    ctx.strokeStyle = token("grid");
    ctx.beginPath();
    if (content.points.some((point) => point.y !== null))
      for (const { fraction, text } of valueTicks(y, floor - SIDE.top, 38)) {
        const py = Math.round(floor - fraction * (floor - SIDE.top)) + 0.5;
        ctx.moveTo(left, py);
        ctx.lineTo(right, py);
        paintText(ctx, text, left - 7, py, { align: "right", most: SIDE.left - 9 });
      }
    ctx.stroke();
    ctx.strokeStyle = token("axis");
    ctx.beginPath();
    ctx.moveTo(left, floor + 0.5);
    ctx.lineTo(right, floor + 0.5);
    for (const { fraction, text } of valueTicks(x, right - left, 76)) {
      const px = Math.round(left + fraction * (right - left)) + 0.5;
      ctx.moveTo(px, floor);
      ctx.lineTo(px, floor + 3);
      paintText(ctx, text, px, floor + 11, { align: "center" });
    }
    ctx.stroke();
    paintText(ctx, content.xLabel, (left + right) / 2, height - 9, {
      align: "center",
      color: "text-2",
      most: right - left,
    });
  }

  #paintMarks(ctx: Ctx): void {
    const colors = Array.from({ length: COLORS + 1 }, (_, i) => rankColor(i / COLORS));
    const stopped = token("border-control");
    const valued = this.#marks.filter(({ point }) => point.y !== null);
    paintDots(ctx, valued, {
      most: DOT_PX,
      outline: token("surface"),
      ...this.#size,
      colorOf: (at) => {
        const { look, rank } = valued[at]!.point;
        return look === "stopped" ? stopped : colors[Math.round(rank * COLORS)]!;
      },
    });
    for (const mark of this.#marks) if (mark.point.y === null) paintMark(ctx, mark, false);
  }

  #paintLine(ctx: Ctx, line: ObjectiveContent["line"]): void {
    ctx.strokeStyle = token("text-2");
    ctx.lineWidth = 1.5;
    ctx.lineJoin = "round";
    ctx.beginPath();
    for (const [i, [x, y]] of line.entries()) {
      const to = [this.#xPx(x), this.#yPx(y)] as const;
      if (i === 0) ctx.moveTo(...to);
      else ctx.lineTo(...to);
    }
    ctx.stroke();
  }

  #paintTop(ctx: Ctx): void {
    const highlighted = highlightedRun.get();
    const mark = highlighted === null ? undefined : this.#marks.find(({ id }) => id === highlighted);
    if (mark) paintMark(ctx, mark, true);
  }
}

function rankColor(rank: number): string {
  return rampColor(0.3 + 0.7 * rank);
}

function paintMark(ctx: Ctx, { point, x, y }: Mark, isHighlighted: boolean): void {
  ctx.beginPath();
  if (point.y === null) {
    const reach = isHighlighted ? CROSS_PX + 1.5 : CROSS_PX;
    ctx.moveTo(x - reach, y - reach);
    ctx.lineTo(x + reach, y + reach);
    ctx.moveTo(x + reach, y - reach);
    ctx.lineTo(x - reach, y + reach);
    ctx.lineWidth = isHighlighted ? 2.4 : 1.6;
    ctx.strokeStyle = token("danger");
    ctx.stroke();
    return;
  }
  ctx.arc(x, y, isHighlighted ? HIGHLIGHT_PX : DOT_PX, 0, 2 * Math.PI);
  ctx.fillStyle = point.look === "stopped" ? token("border-control") : rankColor(point.rank);
  ctx.fill();
  ctx.lineWidth = isHighlighted ? 2 : 1.2;
  ctx.strokeStyle = token(isHighlighted ? "text" : "surface");
  ctx.stroke();
}
