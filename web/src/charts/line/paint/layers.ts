/**
 * The three canvases of a line chart: axes, curves, and what moves over them.
 *
 * Curves are a picture: lighting a run dims it by opacity, a gesture moves and stretches it by transform, both
 * without repainting it.
 */

import type { Frame } from "../../axis/scale";
import { MARGIN } from "../../axis/scale";
import { clearedPen } from "../../pen";
import { planStyle } from "../../scheduler";
import { OVERHANG } from "./lines-paint";

export class Layers {
  readonly axes: HTMLCanvasElement;
  readonly top: HTMLCanvasElement;
  readonly #lines: HTMLCanvasElement;
  readonly #clip: HTMLDivElement;
  /** The frame that the picture of the curves was made for. */
  #painted: Frame | null = null;
  #opacity = 1;

  constructor(element: HTMLElement) {
    this.axes = canvasIn(element);
    this.#clip = document.createElement("div");
    this.#clip.style.cssText = `position:absolute;overflow:hidden;pointer-events:none;top:0;left:${MARGIN.left}px;right:${MARGIN.right - OVERHANG}px;bottom:${MARGIN.bottom}px`;
    element.append(this.#clip);
    this.#lines = canvasIn(this.#clip);
    this.#lines.style.transformOrigin = "0 0";
    this.top = canvasIn(element);
  }

  axesPen(frame: Frame): CanvasRenderingContext2D {
    return clearedPen(this.axes, frame.width, frame.height);
  }

  topPen(frame: Frame): CanvasRenderingContext2D {
    return clearedPen(this.top, frame.width, frame.height);
  }

  /** Show a new picture of the curves. */
  putLines(image: ImageData, frame: Frame): void {
    const canvas = this.#lines;
    if (canvas.width !== image.width || canvas.height !== image.height) {
      canvas.width = image.width;
      canvas.height = image.height;
    }
    canvas.getContext("2d")!.putImageData(image, 0, 0);
    planStyle(canvas, { transform: "" });
    this.#painted = frame;
  }

  /** Let the picture lie where its curves belong in another frame, until there is one made for it. */
  moveLines(frame: Frame): void {
    const from = this.#painted;
    if (!from) return;
    const { left } = frame;
    const [x0, x1] = from.x;
    const [y0, y1] = from.y;
    const sx = (frame.xPx(x1) - frame.xPx(x0)) / (from.right - from.left);
    const sy = (frame.yPx(y0) - frame.yPx(y1)) / (from.floor - from.top);
    const dx = frame.xPx(x0) - left - sx * (from.left - left);
    const dy = frame.yPx(y1) - sy * from.top;
    planStyle(this.#lines, { transform: `matrix(${sx}, 0, 0, ${sy}, ${dx}, ${dy})` });
  }

  /** @param to the opacity of the picture; 1: as it is */
  dimLines(to: number): void {
    if (to === this.#opacity) return;
    this.#opacity = to;
    planStyle(this.#lines, { opacity: to < 1 ? String(to) : "" });
  }

  destroy(): void {
    for (const canvas of [this.axes, this.#lines, this.top]) {
      // frees the pixels now, not when the garbage collector comes by
      canvas.width = 0;
      canvas.remove();
    }
    this.#clip.remove();
  }
}

function canvasIn(element: HTMLElement): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  canvas.setAttribute("aria-hidden", "true");
  canvas.style.cssText = "position:absolute;inset:0;width:100%;height:100%;pointer-events:none";
  element.append(canvas);
  return canvas;
}
