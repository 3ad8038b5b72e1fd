/**
 * Histograms over steps as ridges on their own element: the first behind, the last in front, values from left to right.
 */

import { MARGIN } from "../axis/scale";
import { rampColor } from "../ramp";
import { type Ctx, paintText, Surface } from "../surface";
import { token, withAlpha } from "../tokens";
import type { HeatMapContent } from "./heatmap";
import { layOutRidges, type Ridge, type Ridgeline, ridgeOf } from "./ridgeline-layout";
import { paintValuesAxis } from "./values-axis";

/** From one ridge to the next, at least. */
const LEAST_GAP_PX = 9;
const MOST_RIDGES = 40;
/** Number of gaps that the highest ridge takes. */
const OVERLAP = 3.5;
/** Room at the right for what x is. */
const LABEL_PX = 62;
const LABEL_GAP_PX = 16;

export class RidgelineChart {
  readonly #surface: Surface;
  readonly #onPick: (x: number) => void;
  #content: HeatMapContent | null = null;
  #line: Ridgeline | null = null;
  #size = { width: 0, height: 0 };

  constructor(element: HTMLElement, onPick: (x: number) => void) {
    this.#onPick = onPick;
    this.#surface = new Surface(element, {
      paintBase: (ctx, width, height) => this.#paintBase(ctx, width, height),
      paintTop: (ctx) => this.#paintTop(ctx),
    });
    const unbind = new AbortController();
    const { signal } = unbind;
    const pick = (event: PointerEvent) => this.#pickAt(event);
    element.addEventListener("pointerdown", pick, { signal });
    element.addEventListener("pointermove", (event) => event.buttons === 1 && pick(event), { signal });
    element.addEventListener("keydown", (event) => this.#key(event), { signal });
    this.#surface.onEnd(() => unbind.abort());
  }

  set(content: HeatMapContent): void {
    const isCursorOnly = this.#content?.map === content.map;
    this.#content = content;
    if (isCursorOnly) this.#surface.planTop();
    else this.#surface.planBase();
  }

  destroy(): void {
    this.#surface.destroy();
  }

  /** Where ridges stand: the lowest of the last one, and the gap between two. */
  #spacing(n: number): { readonly floor: number; readonly gap: number } {
    const floor = this.#size.height - MARGIN.bottom;
    return { floor, gap: (floor - MARGIN.top) / (n - 1 + OVERLAP) };
  }

  #baseline(index: number, n: number): number {
    const { floor, gap } = this.#spacing(n);
    return floor - (n - 1 - index) * gap;
  }

  #right(): number {
    return this.#size.width - LABEL_PX;
  }

  #paintBase(ctx: Ctx, width: number, height: number): void {
    this.#size = { width, height };
    const content = this.#content;
    if (!content) return;
    const nRidges = Math.floor((height - MARGIN.top - MARGIN.bottom) / LEAST_GAP_PX - OVERLAP + 1);
    const line = layOutRidges(content.map, Math.max(2, Math.min(MOST_RIDGES, nRidges)));
    this.#line = line;
    const n = line.ridges.length;
    for (const [index, ridge] of line.ridges.entries())
      this.#paintRidge(ctx, ridge, index, rampColor(n > 1 ? 0.25 + (0.75 * index) / (n - 1) : 1), "surface");
    this.#paintAxes(ctx, content, line);
  }

  #paintRidge(ctx: Ctx, ridge: Ridge, index: number, color: string, edge: string): void {
    const { ridges, most } = this.#line!;
    const base = this.#baseline(index, ridges.length);
    const { gap } = this.#spacing(ridges.length);
    const step = (this.#right() - MARGIN.left) / ridge.cells.length;
    ctx.beginPath();
    ctx.moveTo(MARGIN.left, base);
    for (const [bin, count] of ridge.cells.entries())
      ctx.lineTo(MARGIN.left + (bin + 0.5) * step, base - (count / most) * gap * OVERLAP);
    ctx.lineTo(this.#right(), base);
    ctx.fillStyle = color;
    ctx.fill();
    ctx.strokeStyle = token(edge);
    ctx.lineWidth = 1;
    ctx.stroke();
  }

  #paintAxes(ctx: Ctx, { map, xLabel }: HeatMapContent, { ridges }: Ridgeline): void {
    const { floor, gap } = this.#spacing(ridges.length);
    const right = this.#right();
    paintValuesAxis(ctx, map.lo, map.hi, right, floor);
    const each = Math.max(1, Math.ceil(LABEL_GAP_PX / gap));
    for (let index = ridges.length - 1; index >= 0; index -= each) {
      const { x } = map.columns[ridges[index]!.from]!.source;
      paintText(ctx, xLabel(x), right + 6, this.#baseline(index, ridges.length) - 3, {
        align: "left",
        most: LABEL_PX - 8,
      });
    }
  }

  #paintTop(ctx: Ctx): void {
    const [content, line] = [this.#content, this.#line];
    const index = content && line ? ridgeOf(line, content.at) : -1;
    if (!content || !line || index < 0) return;
    const column = content.map.columns[content.at]!;
    const picked = { ...line.ridges[index]!, cells: column.cells };
    this.#paintRidge(ctx, picked, index, withAlpha(token("accent"), 0.25), "accent");
    paintText(ctx, content.xLabel(column.source.x), this.#right(), MARGIN.top + 2, {
      align: "right",
      weight: 500,
      color: "accent",
    });
  }

  #pickAt(event: PointerEvent): void {
    const [content, line] = [this.#content, this.#line];
    if (!content || !line || event.button > 0) return;
    const y = event.clientY - this.#surface.element.getBoundingClientRect().top;
    const n = line.ridges.length;
    const { floor, gap } = this.#spacing(n);
    // what is pointed at stands up from its baseline
    const index = Math.max(0, Math.min(n - 1, n - 1 - Math.floor((floor - y) / gap)));
    this.#onPick(content.map.columns[line.ridges[index]!.from]!.source.x);
  }

  #key(event: KeyboardEvent): void {
    const [content, line] = [this.#content, this.#line];
    if (!content || !line) return;
    const last = line.ridges.length - 1;
    const index = ridgeOf(line, content.at);
    const to = {
      ArrowUp: Math.max(0, index - 1),
      ArrowDown: Math.min(last, index + 1),
      Home: 0,
      End: last,
    }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    const ridge = line.ridges[to]!;
    this.#onPick(content.map.columns[to === last ? ridge.to - 1 : ridge.from]!.source.x);
  }
}
