/**
 * A chart at rest as an image of the page in place of its canvas, with the same pixels.
 *
 * Without a GPU, each canvas in view takes time in each frame in which anything moves; an image is painted once, with what
 * is around it. Twenty charts as images halve the time of a move of the pointer.
 */

import { dropDraw, hasLongFrames, planSlowDraw } from "../../scheduler";
import { bitmapOf } from "./bitmap";

/** A canvas that has been the same for so long is at rest. */
const REST_MILLIS = 400;

export class Still {
  readonly #canvas: HTMLCanvasElement;
  readonly #image = new Image();
  readonly #make = {
    drawUntil: () => {
      void this.#show();
      return true;
    },
  };
  /** Counts the pictures on the canvas. */
  #version = 0;
  #changedMillis = 0;
  /** The image of this version is shown, or is being made. */
  #shown = -1;

  /** @param canvas the element whose place the image takes */
  constructor(canvas: HTMLCanvasElement) {
    this.#canvas = canvas;
    this.#image.alt = "";
    this.#image.setAttribute("aria-hidden", "true");
    this.#image.style.cssText = `${canvas.style.cssText};display:none`;
    canvas.before(this.#image);
  }

  /** Something else moves: show the image if the browser can't keep up and the canvas is at rest. */
  begin(): void {
    const isAtRest = performance.now() - this.#changedMillis > REST_MILLIS;
    if (!isAtRest || this.#shown === this.#version || !hasLongFrames()) return;
    this.#shown = this.#version;
    planSlowDraw(this.#make);
  }

  /** The canvas is painted anew. */
  end(): void {
    this.#version++;
    this.#changedMillis = performance.now();
    this.#image.style.display = "none";
    this.#canvas.style.opacity = "";
  }

  destroy(): void {
    this.#version++;
    dropDraw(this.#make);
    this.#image.remove();
  }

  async #show(): Promise<void> {
    const { width, height } = this.#canvas;
    if (width === 0 || height === 0) return;
    const version = this.#version;
    const pixels = this.#canvas.getContext("2d")!.getImageData(0, 0, width, height);
    const address = URL.createObjectURL(bitmapOf(pixels));
    this.#image.src = address;
    try {
      await this.#image.decode();
    } catch {
      // the canvas stays
      return;
    } finally {
      URL.revokeObjectURL(address);
    }
    if (version !== this.#version) return;
    this.#image.style.display = "";
    // not painted then, but still there for the pointer and for those who read its pixels
    this.#canvas.style.opacity = "0";
  }
}
