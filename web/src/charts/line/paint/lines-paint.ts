/**
 * Paints all curves of a chart into pixels, a few at a time: hundreds of curves hold up no frame.
 *
 * First every area and band, then every ghost and line, so that no band covers a line.
 */

import type { Frame } from "../../axis/scale";
import { Raster } from "../../raster/raster";
import { runRgb } from "../../tokens";
import type { BuiltLine } from "../built-line";
import { areaBetween } from "../fill";
import { createCurvePx, curveToPx } from "./curve-px";
import {
  dashOf,
  dotSize,
  GHOST_ALPHA,
  haveRoom,
  isGhosted,
  type LinesLook,
  spikeAlpha,
  widthOf,
} from "./line-look";

/** One for all charts: they are painted one after the other. */
const raster = new Raster();
const px = createCurvePx();

/** Room right of the plot for the dot of a live run, px. */
export const OVERHANG = 6;

/** Looking at the clock costs about as much as a short curve. */
const CLOCK_EVERY = 4;

/** The picture of a chart's curves while it is made. The next one begins when this is finished or given up. */
export class LinesPaint {
  readonly #frame: Frame;
  readonly #lines: readonly BuiltLine[];
  readonly #look: LinesLook;
  readonly #ratio: number;
  /** Bands come first, then lines. */
  #next = 0;

  constructor(frame: Frame, lines: readonly BuiltLine[], look: LinesLook, ratio: number) {
    this.#lines = lines;
    this.#look = look;
    this.#ratio = ratio;
    this.#frame = frame;
    raster.begin(Math.round((frame.right - frame.left + OVERHANG) * ratio), Math.round(frame.floor * ratio));
  }

  /** Go on until `deadline`; true when it is finished. At least one curve is painted. */
  step(deadline: number): boolean {
    const count = this.#lines.length;
    while (this.#next < 2 * count) {
      const at = this.#next++;
      const line = this.#lines[at % count]!;
      if (at < count) this.#paintBand(line);
      else this.#paintCurve(line);
      if (at % CLOCK_EVERY === 0 && performance.now() > deadline) break;
    }
    return this.#next >= 2 * count;
  }

  toImage(): ImageData {
    return raster.toImage();
  }

  #toPx(line: BuiltLine) {
    const pixels = curveToPx(line, this.#frame, px);
    const { left } = this.#frame;
    const ratio = this.#ratio;
    for (let i = 0; i < pixels.n; i++) {
      pixels.x[i] = (pixels.x[i]! - left) * ratio;
      pixels.y[i]! *= ratio;
      pixels.under[i]! *= ratio;
      pixels.mean[i]! *= ratio;
      pixels.lo[i]! *= ratio;
      pixels.hi[i]! *= ratio;
    }
    return pixels;
  }

  #paintBand(line: BuiltLine): void {
    if (!line.hasBand && !line.under && line.spikes.length === 0) return;
    const pixels = this.#toPx(line);
    const color = runRgb(line.color);
    if (line.under) {
      const area = areaBetween(pixels.x, pixels.y, pixels.under, pixels.n);
      raster.fillBetween(area.x, area.top, area.bottom, area.n, color, this.#look.areaAlpha);
    }
    const { bandAlpha } = this.#look;
    if (line.hasBand && bandAlpha > 0)
      raster.fillBetween(pixels.x, pixels.hi, pixels.lo, pixels.n, color, bandAlpha);
    const alpha = spikeAlpha(line, this.#look);
    if (alpha === 0) return;
    const wide = Math.max(1, Math.round(this.#ratio));
    for (const at of line.spikes) {
      const x = Math.floor((this.#frame.xPx(line.x[at]!) - this.#frame.left) * this.#ratio);
      const top = this.#frame.yPx(line.greatest[at]!) * this.#ratio;
      const bottom = this.#frame.yPx(line.least[at]!) * this.#ratio;
      for (let column = x; column < x + wide; column++) raster.fillColumn(column, top, bottom, color, alpha);
    }
  }

  #paintCurve(line: BuiltLine): void {
    const pixels = this.#toPx(line);
    if (pixels.n === 0) return;
    const ratio = this.#ratio;
    const color = runRgb(line.color);
    const dash = dashOf(line);
    if (isGhosted(line, this.#look))
      raster.stroke({ x: pixels.x, y: pixels.mean, n: pixels.n }, ratio, color, GHOST_ALPHA);
    const scaled = dash && ([dash[0] * ratio, dash[1] * ratio] as const);
    const width = widthOf(line);
    const points = { x: pixels.x, y: pixels.y, n: pixels.n };
    if (pixels.n > 1) raster.stroke(points, width * ratio, color, 1, scaled);
    const hasDots = line.hasDots && haveRoom(pixels.n, this.#frame.right - this.#frame.left);
    if (pixels.n === 1 || hasDots) raster.dots(points, dotSize(width) * ratio, color);
    const end = line.x.length - 1;
    if (!line.isLive || line.x[end]! > this.#frame.x[1]) return;
    const x = Float64Array.of(pixels.x[pixels.n - 1]!);
    const y = Float64Array.of(pixels.y[pixels.n - 1]!);
    raster.stroke({ x, y, n: 1 }, 9.6 * ratio, color, 0.24);
    raster.stroke({ x, y, n: 1 }, 5.2 * ratio, color, 1);
  }
}
