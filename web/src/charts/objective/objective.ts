/**
 * The results of a search's runs, on an element of its own: a dot for each run with a value, crosses on the
 * floor for those that failed, and a line of the best. A click on a dot opens its run.
 */

import { paintXAxis, paintYAxis } from "../axis/paint-axes";
import { MARGIN } from "../axis/scale";
import { fractionOf, type ValueAxis, valueAxis } from "../axis/value-axis";
import { paintDot, paintDots } from "../dots";
import { rampColor } from "../ramp";
import { followRuns, type RunHandlers, type RunMark } from "../run-pointer";
import { type Ctx, Surface } from "../surface";
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

export class ObjectiveChart extends Surface<ObjectiveContent> {
  #axes: { readonly x: ValueAxis; readonly y: ValueAxis } | null = null;
  #marks: readonly Mark[] = [];

  constructor(element: HTMLElement, handlers: RunHandlers) {
    super(element);
    followRuns(this, () => this.#marks, handlers);
  }

  override set(content: ObjectiveContent): void {
    const { points, line } = content;
    const wish = { choice: "linear", isParameter: false, pad: PAD } as const;
    const x = valueAxis([...points.map((point) => point.x), ...line.map(([at]) => at)], wish);
    const y = valueAxis(
      points.map((point) => point.y),
      wish,
    );
    // of failed runs alone there is no y
    this.#axes = x ? { x, y: y ?? { kind: "linear", lo: 0, hi: 1 } } : null;
    super.set(content);
  }

  readonly #xPx = (x: number) => {
    const fraction = this.#axes ? (fractionOf(this.#axes.x, x) ?? 0) : 0;
    return SIDE.left + fraction * (this.width - SIDE.right - SIDE.left);
  };
  readonly #yPx = (y: number | null) => {
    const floor = this.height - SIDE.bottom;
    if (y === null || !this.#axes) return floor;
    return floor - (fractionOf(this.#axes.y, y) ?? 0) * (floor - SIDE.top);
  };

  protected paintBase(ctx: Ctx): void {
    const { content, width, height } = this;
    if (!content || !this.#axes) return;
    const { x, y } = this.#axes;
    const box = { left: SIDE.left, right: width - SIDE.right, top: SIDE.top, floor: height - SIDE.bottom };
    if (content.points.some((point) => point.y !== null)) paintYAxis(ctx, y, box);
    paintXAxis(ctx, x, box, { text: content.xLabel, height });
    this.#paintLine(ctx, content.line);
    this.#marks = content.points.map((point) => ({
      id: point.id,
      point,
      x: this.#xPx(point.x),
      y: this.#yPx(point.y),
    }));
    this.#paintMarks(ctx);
  }

  #paintMarks(ctx: Ctx): void {
    const colors = Array.from({ length: COLORS + 1 }, (_, i) => rankColor(i / COLORS));
    const stopped = token("border-control");
    const valued = this.#marks.filter(({ point }) => point.y !== null);
    paintDots(ctx, valued, {
      most: DOT_PX,
      outline: token("surface"),
      width: this.width,
      height: this.height,
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

  protected override paintTop(ctx: Ctx): void {
    const mark = this.highlightedOf(this.#marks);
    if (mark) paintMark(ctx, mark, true);
  }
}

function rankColor(rank: number): string {
  return rampColor(0.3 + 0.7 * rank);
}

function paintMark(ctx: Ctx, { point, x, y }: Mark, isHighlighted: boolean): void {
  if (point.y === null) {
    ctx.beginPath();
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
  paintDot(ctx, x, y, {
    radius: isHighlighted ? HIGHLIGHT_PX : DOT_PX,
    fill: point.look === "stopped" ? token("border-control") : rankColor(point.rank),
    outline: token(isHighlighted ? "text" : "surface"),
    lineWidth: isHighlighted ? 2 : 1.2,
  });
}
