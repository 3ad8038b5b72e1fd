/**
 * The crosshair of another chart, and a dot where it meets a highlighted curve: elements that are moved, so that no
 * canvas is painted while the pointer moves elsewhere.
 */

import type { Frame } from "../../axis/scale";
import { afterRest, planMove, planStyle } from "../../scheduler";
import type { Hit } from "../pointer/hover";
import { LINE_WIDTH } from "./line-look";

/** As strong as half of the crosshair under the pointer. */
export const FOLLOWED_ALPHA = 0.45;
/** A dot on a highlighted curve, px. */
export const DOT_RADIUS = 4;

const LINE_STYLE = `width:1px;background:var(--w-cross);opacity:${FOLLOWED_ALPHA}`;
const DOT_PX = 2 * DOT_RADIUS + LINE_WIDTH;
const DOT_STYLE = `width:${DOT_PX}px;height:${DOT_PX}px;box-sizing:border-box;border-radius:50%;border:${LINE_WIDTH}px solid var(--w-surface)`;

export class FollowedCross {
  readonly #element: HTMLElement;
  #line: HTMLElement | null = null;
  readonly #dots: HTMLElement[] = [];
  /** The parts that are shown. */
  readonly #shown = new Set<HTMLElement>();
  #endRest = () => {};

  constructor(element: HTMLElement) {
    this.#element = element;
  }

  /**
   * @param hits the points of highlighted curves there. They have their dots when the pointer rests: moving each dot of
   * nineteen charts took as long as moving each line
   */
  show(frame: Frame, x: number, hits: readonly Hit[]): void {
    this.#endRest();
    for (const dot of this.#dots) this.#hide(dot);
    this.#line ??= this.#create(LINE_STYLE);
    this.#moveTo(this.#line, Math.round(frame.xPx(x)), frame.top, { height: `${frame.floor - frame.top}px` });
    if (hits.length > 0) this.#endRest = afterRest(() => this.#showDots(frame, hits));
  }

  #showDots(frame: Frame, hits: readonly Hit[]): void {
    for (const [i, { line, at }] of hits.entries()) {
      const py = frame.yPx(line.y[at]!);
      if (py < frame.top - 2 || py > frame.floor + 2 || !Number.isFinite(py)) continue;
      this.#dots[i] ??= this.#create(DOT_STYLE);
      const background = `var(--w-run-${line.color})`;
      const half = DOT_PX / 2;
      this.#moveTo(this.#dots[i], frame.xPx(line.x[at]!) - half, py - half, { background });
    }
  }

  hide(): void {
    this.#endRest();
    for (const part of this.#shown) this.#hide(part);
  }

  destroy(): void {
    this.#endRest();
    this.#line?.remove();
    for (const dot of this.#dots) dot.remove();
  }

  #create(style: string): HTMLElement {
    const part = document.createElement("div");
    part.setAttribute("aria-hidden", "true");
    // a layer of its own: moving it paints nothing
    part.style.cssText = `position:absolute;left:0;top:0;pointer-events:none;will-change:transform;${style}`;
    this.#element.append(part);
    return part;
  }

  #moveTo(part: HTMLElement, px: number, py: number, style: Partial<CSSStyleDeclaration>): void {
    this.#shown.add(part);
    planStyle(part, { ...style, display: "" });
    planMove(part, px, py);
  }

  #hide(part: HTMLElement): void {
    if (this.#shown.delete(part)) planStyle(part, { display: "none" });
  }
}
