/**
 * The surface of all charts but the line chart: two canvases that follow their element's size, the theme and the
 * highlighted run. What moves is painted on the upper one, so that lighting a run does not repaint all others.
 */

import { clearedPen } from "./pen";
import { dropDraw, planDraw } from "./scheduler";
import { highlightedRun } from "./shared-state";
import { onTokensChange, token } from "./tokens";

export type Ctx = CanvasRenderingContext2D;

/** Smaller than this nothing can be read. */
const SMALLEST_PX = 40;

const surfaces = new Set<Surface<unknown>>();

export abstract class Surface<Content> {
  readonly element: HTMLElement;
  protected content: Content | null = null;
  /** The element's size, px. */
  protected width = 0;
  protected height = 0;
  readonly #lower: HTMLCanvasElement;
  readonly #upper: HTMLCanvasElement;
  readonly #ended = new AbortController();
  readonly #base = { draw: () => this.#drawBase() };
  readonly #top = { draw: () => this.#drawTop() };
  #leastRatio = 1;

  constructor(element: HTMLElement) {
    this.element = element;
    surfaces.add(this);
    const layer = () => {
      const canvas = document.createElement("canvas");
      canvas.setAttribute("aria-hidden", "true");
      element.append(canvas);
      return canvas;
    };
    this.#lower = layer();
    this.#upper = layer();
    const sizes = new ResizeObserver(() => {
      this.width = element.clientWidth;
      this.height = element.clientHeight;
      this.planBase();
    });
    sizes.observe(element);
    this.onEnd(() => sizes.disconnect());
    this.onEnd(onTokensChange(() => this.planBase()));
    this.onEnd(highlightedRun.subscribe(() => this.planTop()));
  }

  protected abstract paintBase(ctx: Ctx): void;

  protected paintTop(_ctx: Ctx): void {}

  set(content: Content): void {
    this.content = content;
    this.planBase();
  }

  /** Listen to the element until the chart goes. */
  listen<Type extends keyof HTMLElementEventMap>(
    type: Type,
    listener: (event: HTMLElementEventMap[Type]) => void,
  ): void {
    this.element.addEventListener(type, listener, { signal: this.#ended.signal });
  }

  /** Have something done when the chart goes. */
  onEnd(end: () => void): void {
    this.#ended.signal.addEventListener("abort", end);
  }

  /** Paint both layers with the next frame. */
  planBase(): void {
    planDraw(this.#base);
  }

  /** Paint the upper layer with the next frame. */
  planTop(): void {
    planDraw(this.#top);
  }

  /** Paint at once with at least so many pixels for each px. */
  sharpen(leastRatio: number): void {
    this.#leastRatio = leastRatio;
    this.#drawBase();
  }

  protected highlightedOf<Mark extends { readonly id: string }>(marks: readonly Mark[]): Mark | undefined {
    const highlighted = highlightedRun.get();
    return highlighted === null ? undefined : marks.find(({ id }) => id === highlighted);
  }

  /** Set the opacity of the lower layer, 0 to 1. */
  protected dim(opacity: number): void {
    this.#lower.style.opacity = String(opacity);
  }

  destroy(): void {
    this.#ended.abort();
    surfaces.delete(this);
    dropDraw(this.#base);
    dropDraw(this.#top);
    for (const canvas of [this.#lower, this.#upper]) {
      // frees the pixels now, not when the garbage collector comes by
      canvas.width = 0;
      canvas.remove();
    }
  }

  #drawBase(): void {
    if (this.width < SMALLEST_PX || this.height < SMALLEST_PX) return;
    this.paintBase(this.#cleared(this.#lower));
    this.#drawTop();
  }

  #drawTop(): void {
    if (this.width < SMALLEST_PX || this.height < SMALLEST_PX) return;
    this.paintTop(this.#cleared(this.#upper));
  }

  #cleared(canvas: HTMLCanvasElement): Ctx {
    return clearedPen(canvas, this.width, this.height, this.#leastRatio);
  }
}

/** Does something while the charts inside an element have at least `ratio` pixels for each px. */
export async function withSharpCharts<T>(
  root: HTMLElement,
  ratio: number,
  act: () => Promise<T>,
): Promise<T> {
  const inside = [...surfaces].filter((surface) => root.contains(surface.element));
  for (const surface of inside) surface.sharpen(ratio);
  try {
    return await act();
  } finally {
    for (const surface of inside) surface.sharpen(1);
  }
}

const TEXT_SIZE_PX = 10.5;

interface TextLook {
  readonly align?: CanvasTextAlign;
  readonly size?: number;
  readonly weight?: number;
  /** The token's name. */
  readonly color?: string;
  /** Longer texts lose their end, or their middle. */
  readonly most?: number;
  readonly cut?: "end" | "middle";
}

/** A line of text, `y` in its middle. */
export function paintText(ctx: Ctx, text: string, x: number, y: number, look: TextLook = {}): void {
  const { align = "left", size = TEXT_SIZE_PX, weight = 400, color = "muted", most, cut = "end" } = look;
  ctx.font = `${weight} ${size}px ${token("font")}`;
  ctx.textAlign = align;
  ctx.textBaseline = "middle";
  ctx.fillStyle = token(color);
  ctx.fillText(most === undefined ? text : fitted(ctx, text, most, cut), x, y);
}

/** Width of a text in the size of axes, px. */
export function textPx(ctx: Ctx, text: string): number {
  ctx.font = `400 ${TEXT_SIZE_PX}px ${token("font")}`;
  return ctx.measureText(text).width;
}

/** The text, or as much of it as `most` px hold. */
function fitted(ctx: Ctx, text: string, most: number, cut: "end" | "middle"): string {
  if (ctx.measureText(text).width <= most) return text;
  for (let n = text.length - 1; n > 1; n--) {
    const tail = cut === "middle" ? Math.floor(n / 2) : 0;
    const short = `${text.slice(0, n - tail)}…${text.slice(text.length - tail)}`;
    if (ctx.measureText(short).width <= most) return short;
  }
  return "…";
}
