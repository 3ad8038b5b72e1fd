/**
 * The canvases of a line chart. Those of axes and curves are no part of the page: they are put together on the one that
 * is. Over it stands a second one while the pointer is over the chart, for what moves with it.
 *
 * Without a GPU a browser copies every canvas of a page in each frame in which anything moves, and sorts it among the
 * page's layers: three for each of twenty charts took longer than a frame. Images in their place are no cheaper: for each
 * that comes or goes the browser re-sorts all layers. Curves are a picture: lighting a run dims it, a gesture moves and
 * stretches it, both without making it again.
 */

import { type Frame, MARGIN } from "../../axis/scale";
import { clearedPen } from "../../pen";
import { OVERHANG } from "./lines-paint";

/** Scale and place of the picture, px. */
type Matrix = readonly [sx: number, sy: number, dx: number, dy: number];

const AS_PAINTED: Matrix = [1, 1, 0, 0];

export class Layers {
  readonly #axes = document.createElement("canvas");
  readonly #lines = document.createElement("canvas");
  readonly #shown: HTMLCanvasElement;
  readonly #top: HTMLCanvasElement;
  /** The frame that the picture of the curves was made for. */
  #painted: Frame | null = null;
  #matrix = AS_PAINTED;
  #opacity = 1;
  /** The canvas shows axes and curves as they are now, and nothing else. */
  #isPlain = false;

  constructor(element: HTMLElement) {
    this.#shown = canvasIn(element);
    this.#top = canvasIn(element);
    this.#top.style.display = "none";
  }

  axesPen(frame: Frame): CanvasRenderingContext2D {
    this.#isPlain = false;
    return clearedPen(this.#axes, frame.width, frame.height);
  }

  /**
   * Show axes and curves, and get the pen for what lies over them.
   *
   * @param isMoving it follows the pointer over this chart, and is painted on its own
   */
  topPen(frame: Frame, isMoving: boolean): CanvasRenderingContext2D {
    const display = isMoving ? "" : "none";
    if (this.#top.style.display !== display) this.#top.style.display = display;
    if (!isMoving) {
      this.#isPlain = false;
      return this.#compose(frame);
    }
    if (!this.#isPlain) this.#compose(frame);
    this.#isPlain = true;
    return clearedPen(this.#top, frame.width, frame.height);
  }

  /** Take a new picture of the curves. */
  putLines(image: ImageData, frame: Frame): void {
    const canvas = this.#lines;
    if (canvas.width !== image.width || canvas.height !== image.height) {
      canvas.width = image.width;
      canvas.height = image.height;
    }
    canvas.getContext("2d")!.putImageData(image, 0, 0);
    this.#painted = frame;
    this.#matrix = AS_PAINTED;
    this.#isPlain = false;
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
    this.#matrix = [sx, sy, dx, dy];
    this.#isPlain = false;
  }

  /** @param to the opacity of the picture; 1: as it is */
  dimLines(to: number): void {
    if (to === this.#opacity) return;
    this.#opacity = to;
    this.#isPlain = false;
  }

  destroy(): void {
    for (const canvas of [this.#axes, this.#lines, this.#shown, this.#top]) {
      // frees the pixels now, not when the garbage collector comes by
      canvas.width = 0;
      canvas.remove();
    }
  }

  #compose({ width, height, right, floor }: Frame): CanvasRenderingContext2D {
    const pen = clearedPen(this.#shown, width, height);
    const ratio = this.#shown.width / width;
    pen.save();
    // in pixels of the pictures: they are copied as they are
    pen.setTransform(1, 0, 0, 1, 0, 0);
    if (this.#axes.width > 0) pen.drawImage(this.#axes, 0, 0);
    const left = Math.round(MARGIN.left * ratio);
    pen.beginPath();
    pen.rect(left, 0, Math.round((right - MARGIN.left + OVERHANG) * ratio), Math.round(floor * ratio));
    pen.clip();
    pen.globalAlpha = this.#opacity;
    const [sx, sy, dx, dy] = this.#matrix;
    pen.setTransform(sx, 0, 0, sy, left + dx * ratio, dy * ratio);
    if (this.#lines.width > 0) pen.drawImage(this.#lines, 0, 0);
    pen.restore();
    return pen;
  }
}

function canvasIn(element: HTMLElement): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  canvas.setAttribute("aria-hidden", "true");
  canvas.style.cssText = "position:absolute;inset:0;width:100%;height:100%;pointer-events:none";
  element.append(canvas);
  return canvas;
}
