/**
 * Paints the density of a chart's curves into pixels, some curves at a time: the darker, the more of them; around
 * all of them their envelope, in which no spike is lost.
 */

import type { Frame } from "../../axis/scale";
import { token } from "../../tokens";
import type { BuiltLine } from "../built-line";
import { DensityGrid, type Polyline } from "../density";
import { type CurvePx, createCurvePx, curveToPx } from "./curve-px";
import { OVERHANG } from "./lines-paint";

/** One for all charts on the screen: they are painted one after the other. */
const screenGrid = new DensityGrid();
const px = createCurvePx();
/** A group's band is another one than its runs' extremes. */
const groupPx = createCurvePx();

/** Looking at the clock costs about as much as a short curve. */
const CLOCK_EVERY = 4;
/** Alpha of cells that no curve covers between those that do, of one that few cover, and of the envelope's edge. */
const ENVELOPE_ALPHA = 0.07;
const LEAST_ALPHA = 0.12;
const EDGE_ALPHA = 0.42;
/** Shades of the ramp. */
const SHADES = 64;

/** The picture of a density while it is made. The next one begins when this is finished or given up. */
export class DensityPaint {
  readonly #frame: Frame;
  readonly #lines: readonly BuiltLine[];
  readonly #hasBands: boolean;
  readonly #ratio: number;
  readonly #grid: DensityGrid;
  #next = 0;
  /** The most curves in a cell, px for px; once the picture is finished. */
  most = 0;

  /** @param grid of the screen, or another one for a picture that is made in between */
  constructor(
    frame: Frame,
    lines: readonly BuiltLine[],
    hasBands: boolean,
    ratio: number,
    grid = screenGrid,
  ) {
    this.#grid = grid;
    this.#frame = frame;
    this.#lines = lines;
    this.#hasBands = hasBands;
    this.#ratio = ratio;
    grid.begin(Math.ceil(frame.right - frame.left), Math.ceil(frame.floor));
  }

  /** Go on until `deadline`; true when it is finished. At least one curve is counted. */
  step(deadline: number): boolean {
    while (this.#next < this.#lines.length) {
      this.#count(this.#lines[this.#next]!);
      this.#next += 1;
      if (this.#next % CLOCK_EVERY === 0 && performance.now() > deadline) break;
    }
    return this.#next >= this.#lines.length;
  }

  #count(line: BuiltLine): void {
    const { least: lo, greatest: hi, hasExtremes } = line;
    const all = this.#toPx({ ...line, lo, hi, hasBand: hasExtremes }, px);
    const drawn: Polyline = { n: all.n, x: all.x, top: all.y, bottom: all.y };
    const extremes = hasExtremes ? { n: all.n, x: all.x, top: all.hi, bottom: all.lo } : drawn;
    // a smoothed curve is counted where it is drawn; the extremes are those of all points
    let counted = drawn;
    if (this.#hasBands && line.hasBand && line.drawn === line.mean) {
      const band = line.lo === lo ? all : this.#toPx(line, groupPx);
      counted = line.lo === lo ? extremes : { n: band.n, x: band.x, top: band.hi, bottom: band.lo };
    }
    this.#grid.add(counted, this.#reachOf(line), extremes);
  }

  /** Px of the plot. */
  #toPx(line: BuiltLine, into: CurvePx): CurvePx {
    const pixels = curveToPx(line, this.#frame, into);
    for (let i = 0; i < pixels.n; i++) pixels.x[i]! -= this.#frame.left;
    return pixels;
  }

  /** Half of a curve's bucket, px; on a logarithmic axis no two are alike. */
  #reachOf({ width }: BuiltLine): number {
    const { xScale, xPx, x } = this.#frame;
    return xScale === "linear" ? (xPx(x[0] + width) - xPx(x[0])) / 2 : Number.POSITIVE_INFINITY;
  }

  toImage(): ImageData {
    const ratio = this.#ratio;
    const { right, left, floor } = this.#frame;
    const image = new ImageData(Math.round((right - left + OVERHANG) * ratio), Math.round(floor * ratio));
    const out = new Uint32Array(image.data.buffer);
    const shades = this.#shades();
    const { width, height } = this.#grid;
    const columns = Int32Array.from({ length: image.width }, (_, x) => Math.floor(x / ratio));
    const end = columns.findIndex((column) => column >= width);
    const nColumns = end < 0 ? image.width : end;
    for (let y = 0; y < image.height; y++) {
      const from = Math.min(height - 1, Math.floor(y / ratio)) * width;
      const to = y * image.width;
      for (let x = 0; x < nColumns; x++) out[to + x] = shades[from + columns[x]!]!;
    }
    return image;
  }

  /** The colour of each cell. */
  #shades(): Uint32Array {
    const counts = this.#grid.toCounts();
    const { width, height, top, bottom } = this.#grid;
    let most = 0;
    for (const count of counts) if (count > most) most = count;
    this.most = most;
    const hex = Number.parseInt(token("accent").slice(1), 16);
    // little endian: A, B, G, R from the highest byte down
    const plain = ((hex & 255) << 16) | (hex & 0xff00) | (hex >> 16);
    const shadeOf = (alpha: number) => (Math.round(alpha * 255) << 24) | plain;
    const ramp = Uint32Array.from({ length: SHADES + 1 }, (_, i) =>
      shadeOf(LEAST_ALPHA + ((1 - LEAST_ALPHA) * i) / SHADES),
    );
    const [inside, edge] = [shadeOf(ENVELOPE_ALPHA), shadeOf(EDGE_ALPHA)];
    const scale = most > 0 ? SHADES / Math.log1p(most) : 0;
    const shades = new Uint32Array(width * height);
    const tops = top.map(Math.floor);
    const bottoms = bottom.map((y, column) => Math.max(Math.floor(y), tops[column]!));
    for (let column = 0; column < width; column++) {
      if (top[column]! > bottom[column]!) continue;
      const [first, last] = [tops[column]!, bottoms[column]!];
      // as far as both neighbours reach, only the ends are edges
      const before = Math.max(column - 1, 0);
      const after = Math.min(column + 1, width - 1);
      const innerFirst = Math.max(first + 1, tops[before]!, tops[after]!);
      const innerLast = Math.min(last - 1, bottoms[before]!, bottoms[after]!);
      const end = Math.min(height - 1, last);
      for (let row = Math.max(0, first); row <= end; row++) {
        const at = row * width + column;
        const count = counts[at]!;
        const shade = count > 0 ? ramp[Math.round(Math.log1p(count) * scale)]! : inside;
        const isEdge = row < innerFirst || row > innerLast;
        shades[at] = isEdge && shade >>> 24 < edge >>> 24 ? edge : shade;
      }
    }
    return shades;
  }
}
