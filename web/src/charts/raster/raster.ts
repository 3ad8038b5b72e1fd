/**
 * Pixels of many curves, rasterised by ourselves: strokes and bands into one buffer, given out as an image.
 *
 * Canvas 2D without a GPU takes about 0.7 ms for a stroked curve of 300 points, which makes two frames of a
 * hundred of them a second. A curve is a function of x: its pixels are a few per column, found without
 * a general path rasteriser. The buffer is column by column, as bands and strokes are vertical stretches of it.
 */

/** Red, green, blue, 0 to 1. */
export type Rgb = readonly [number, number, number];

/** Points of a curve in px of the picture: the first `n` entries count. */
export interface Points {
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly n: number;
}

/** Lengths of dashes and of the gaps between them, px. */
export type Dash = readonly [number, number];

/** Half a pixel on both sides of an edge is blended. */
const SOFT = 0.5;

export class Raster {
  width = 0;
  height = 0;
  /** Premultiplied RGBA, column by column. */
  #pixels = new Float32Array(0);
  /** Coverage by the curve that is being drawn: its parts overlap, and must not add up. */
  #mask = new Float32Array(0);
  /** Rows of each column that the curve, and that anything has touched: `[from, to)`. */
  #maskFrom = new Int32Array(0);
  #maskTo = new Int32Array(0);
  #usedFrom = new Int32Array(0);
  #usedTo = new Int32Array(0);
  #image: ImageData | null = null;

  /** Start a picture of `width` × `height` px. */
  begin(width: number, height: number): void {
    const size = width * height;
    if (this.#mask.length < size) {
      this.#pixels = new Float32Array(size * 4);
      this.#mask = new Float32Array(size);
    } else this.#pixels.fill(0, 0, size * 4);
    if (this.#maskFrom.length < width) {
      this.#maskFrom = new Int32Array(width);
      this.#maskTo = new Int32Array(width);
      this.#usedFrom = new Int32Array(width);
      this.#usedTo = new Int32Array(width);
    }
    this.width = width;
    this.height = height;
    this.#maskFrom.fill(height);
    this.#maskTo.fill(0);
    this.#usedFrom.fill(height);
    this.#usedTo.fill(0);
  }

  /** A polyline with round joins and caps; a single point is a dot. */
  stroke({ x, y, n }: Points, width: number, color: Rgb, alpha: number, dash: Dash | null = null): void {
    const radius = width / 2;
    if (n === 1) this.#segment(x[0]!, y[0]!, x[0]!, y[0]!, radius);
    else if (dash) this.#dashes(x, y, n, radius, dash);
    else for (let i = 1; i < n; i++) this.#segment(x[i - 1]!, y[i - 1]!, x[i]!, y[i]!, radius);
    this.#blendMask(color, alpha);
  }

  dots({ x, y, n }: Points, width: number, color: Rgb): void {
    for (let i = 0; i < n; i++) this.#segment(x[i]!, y[i]!, x[i]!, y[i]!, width / 2);
    this.#blendMask(color, 1);
  }

  #dashes(x: Float64Array, y: Float64Array, n: number, radius: number, [on, off]: Dash): void {
    // round caps make a dash longer by the line's width
    const lengths = [Math.max(0.01, on - 2 * radius), off + 2 * radius];
    let phase = 0;
    let left = lengths[0]!;
    for (let i = 1; i < n; i++) {
      const [x0, y0] = [x[i - 1]!, y[i - 1]!];
      const [dx, dy] = [x[i]! - x0, y[i]! - y0];
      const length = Math.hypot(dx, dy);
      let at = 0;
      while (length - at > left) {
        const end = at + left;
        if (phase === 0)
          this.#segment(
            x0 + (dx * at) / length,
            y0 + (dy * at) / length,
            x0 + (dx * end) / length,
            y0 + (dy * end) / length,
            radius,
          );
        at = end;
        phase = 1 - phase;
        left = lengths[phase]!;
      }
      if (phase === 0 && length > 0)
        this.#segment(x0 + (dx * at) / length, y0 + (dy * at) / length, x[i]!, y[i]!, radius);
      left -= length - at;
    }
  }

  /** The pixels within `radius` of a segment, softened by half a pixel, into the mask. */
  #segment(x0: number, y0: number, x1: number, y1: number, radius: number): void {
    const { width, height } = this;
    const mask = this.#mask;
    const reach = radius + SOFT;
    const reach2 = reach * reach;
    const low = Math.min(y0, y1) - reach;
    const high = Math.max(y0, y1) + reach;
    if (high < 0 || low > height) return;
    const from = Math.max(0, Math.floor(Math.min(x0, x1) - reach));
    const to = Math.min(width - 1, Math.floor(Math.max(x0, x1) + reach));
    const dx = x1 - x0;
    const dy = y1 - y0;
    const length2 = dx * dx + dy * dy;
    const length = Math.sqrt(length2);
    // along the segment, 0 … 1, and across it, px: both change evenly from row to row
    const isDot = length2 === 0;
    const alongRow = isDot ? 0 : dy / length2;
    const besideRow = isDot ? 0 : dx / length;
    const slope = dx === 0 ? 0 : dy / dx;
    const tall = dx === 0 ? Number.POSITIVE_INFINITY : (reach * length) / Math.abs(dx);
    for (let column = from; column <= to; column++) {
      const qx = column + SOFT - x0;
      const middle = y0 + qx * slope;
      const first = Math.max(0, Math.floor(Math.max(low, middle - tall)));
      const last = Math.min(height - 1, Math.floor(Math.min(high, middle + tall)));
      if (first > last) continue;
      if (first < this.#maskFrom[column]!) this.#maskFrom[column] = first;
      if (last >= this.#maskTo[column]!) this.#maskTo[column] = last + 1;
      const start = column * height;
      const q0 = first + SOFT - y0;
      let along = isDot ? -1 : (qx * dx + q0 * dy) / length2;
      let beside = isDot ? 0 : (qx * dy - q0 * dx) / length;
      for (let row = first; row <= last; row++, along += alongRow, beside -= besideRow) {
        let covered: number;
        if (along >= 0 && along <= 1) covered = reach - (beside < 0 ? -beside : beside);
        else {
          const isEnd = along > 1;
          const ex = isEnd ? qx - dx : qx;
          const ey = row + SOFT - (isEnd ? y1 : y0);
          const far2 = ex * ex + ey * ey;
          if (far2 >= reach2) continue;
          covered = reach - Math.sqrt(far2);
        }
        const at = start + row;
        if (covered > mask[at]!) mask[at] = covered < 1 ? covered : 1;
      }
    }
  }

  #blendMask([r, g, b]: Rgb, alpha: number): void {
    const { width, height } = this;
    const mask = this.#mask;
    const pixels = this.#pixels;
    for (let column = 0; column < width; column++) {
      const from = this.#maskFrom[column]!;
      const to = this.#maskTo[column]!;
      if (from >= to) continue;
      this.#maskFrom[column] = height;
      this.#maskTo[column] = 0;
      this.#use(column, from, to);
      for (let at = column * height + from, end = column * height + to; at < end; at++) {
        const covered = mask[at]!;
        if (covered === 0) continue;
        mask[at] = 0;
        const a = covered * alpha;
        const rest = 1 - a;
        const p = at * 4;
        pixels[p] = r * a + pixels[p]! * rest;
        pixels[p + 1] = g * a + pixels[p + 1]! * rest;
        pixels[p + 2] = b * a + pixels[p + 2]! * rest;
        pixels[p + 3] = a + pixels[p + 3]! * rest;
      }
    }
  }

  /**
   * The area between two polylines over the same x.
   *
   * A column reaches as far as any point within it: a band never hides what happened at one step.
   */
  fillBetween(
    x: Float64Array,
    top: Float64Array,
    bottom: Float64Array,
    n: number,
    color: Rgb,
    alpha: number,
  ): void {
    if (n < 2) return;
    const from = Math.max(0, Math.floor(x[0]!));
    const to = Math.min(this.width - 1, Math.floor(x[n - 1]!));
    let i = 0;
    while (i < n - 2 && x[i + 1]! <= from) i += 1;
    // where the polylines stand at the column's left edge
    let [leftTop, leftBottom] = between(x, top, bottom, i, Math.max(from, x[0]!));
    for (let column = from; column <= to; column++) {
      const edge = Math.min(column + 1, x[n - 1]!);
      let high = Number.POSITIVE_INFINITY;
      let low = Number.NEGATIVE_INFINITY;
      let isPointed = false;
      while (i + 1 < n && x[i + 1]! < edge) {
        i += 1;
        isPointed = true;
        if (top[i]! < high) high = top[i]!;
        if (bottom[i]! > low) low = bottom[i]!;
      }
      const [rightTop, rightBottom] = between(x, top, bottom, Math.min(i, n - 2), edge);
      if (isPointed)
        this.fillColumn(
          column,
          Math.min(high, leftTop, rightTop),
          Math.max(low, leftBottom, rightBottom),
          color,
          alpha,
        );
      else this.fillColumn(column, (leftTop + rightTop) / 2, (leftBottom + rightBottom) / 2, color, alpha);
      leftTop = rightTop;
      leftBottom = rightBottom;
    }
  }

  /** One column of pixels from `top` to `bottom`; at least half a pixel of it. */
  fillColumn(column: number, top: number, bottom: number, [r, g, b]: Rgb, alpha: number): void {
    const { width, height } = this;
    if (column < 0 || column >= width) return;
    const lower = Math.min(height, Math.max(bottom, top + SOFT));
    const upper = Math.max(0, top);
    const first = Math.floor(upper);
    const last = Math.min(height - 1, Math.floor(lower));
    if (!(lower > upper) || first > last) return;
    this.#use(column, first, last + 1);
    const pixels = this.#pixels;
    for (let row = first; row <= last; row++) {
      const a = alpha * (Math.min(lower, row + 1) - Math.max(upper, row));
      const rest = 1 - a;
      const p = (column * height + row) * 4;
      pixels[p] = r * a + pixels[p]! * rest;
      pixels[p + 1] = g * a + pixels[p + 1]! * rest;
      pixels[p + 2] = b * a + pixels[p + 2]! * rest;
      pixels[p + 3] = a + pixels[p + 3]! * rest;
    }
  }

  #use(column: number, from: number, to: number): void {
    if (from < this.#usedFrom[column]!) this.#usedFrom[column] = from;
    if (to > this.#usedTo[column]!) this.#usedTo[column] = to;
  }

  /** The picture drawn since `begin`. The same object is reused for the next picture. */
  toImage(): ImageData {
    const { width, height } = this;
    if (this.#image?.width !== width || this.#image.height !== height)
      this.#image = new ImageData(width, height);
    const out = new Uint32Array(this.#image.data.buffer);
    writePixels(this.#pixels, out, width, height, this.#usedFrom, this.#usedTo);
    return this.#image;
  }

  /** Red, green, blue and alpha of a pixel, not premultiplied; for tests. */
  pixelAt(column: number, row: number): readonly [number, number, number, number] {
    const p = (column * this.height + row) * 4;
    const a = this.#pixels[p + 3]!;
    const plain = (v: number) => (a > 0 ? v / a : 0);
    return [plain(this.#pixels[p]!), plain(this.#pixels[p + 1]!), plain(this.#pixels[p + 2]!), a];
  }
}

/** From premultiplied columns to plain rows, as `ImageData` has them. */
function writePixels(
  pixels: Float32Array,
  out: Uint32Array,
  width: number,
  height: number,
  usedFrom: Int32Array,
  usedTo: Int32Array,
): void {
  out.fill(0);
  for (let column = 0; column < width; column++) {
    const to = usedTo[column]!;
    for (let row = usedFrom[column]!; row < to; row++) {
      const p = (column * height + row) * 4;
      const a = pixels[p + 3]!;
      if (a <= 0) continue;
      const scale = 255 / a;
      // little endian: A, B, G, R from the highest byte down
      out[row * width + column] =
        ((a * 255 + 0.5) << 24) |
        ((pixels[p + 2]! * scale + 0.5) << 16) |
        ((pixels[p + 1]! * scale + 0.5) << 8) |
        (pixels[p]! * scale + 0.5);
    }
  }
}

/** Both polylines at `at`, which lies between points `i` and `i + 1`. */
function between(
  x: Float64Array,
  top: Float64Array,
  bottom: Float64Array,
  i: number,
  at: number,
): [number, number] {
  const wide = x[i + 1]! - x[i]!;
  const part = wide > 0 ? Math.max(0, Math.min(1, (at - x[i]!) / wide)) : 0;
  return [top[i]! + (top[i + 1]! - top[i]!) * part, bottom[i]! + (bottom[i + 1]! - bottom[i]!) * part];
}
