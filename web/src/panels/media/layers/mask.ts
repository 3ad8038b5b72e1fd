/**
 * Masks: gray PNGs whose values are ids of classes. Pure.
 *
 * A canvas would do for most, but it loses the lower byte of 16-bit values.
 */

export interface Mask {
  readonly width: number;
  readonly height: number;
  /** Ids of classes, row by row. */
  readonly ids: Uint8Array | Uint16Array;
}

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const GRAY = 0;
const PALETTE = 3;
/** More than any screen shows; what claims to be larger is not unpacked. */
const MAX_PIXELS = 1 << 28;

/** Decode a PNG of 8 or 16 bits that is gray or has a palette, whose places are the ids. Null: it is another. */
export async function decodeMask(png: Uint8Array<ArrayBuffer>): Promise<Mask | null> {
  if (SIGNATURE.some((byte, i) => png[i] !== byte)) return null;
  const view = new DataView(png.buffer, png.byteOffset, png.byteLength);
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let width = 0;
  let height = 0;
  let depth = 0;
  for (let at = 8; at + 12 <= png.length; ) {
    const length = view.getUint32(at);
    const kind = String.fromCharCode(...png.subarray(at + 4, at + 8));
    const data = png.subarray(at + 8, at + 8 + length);
    if (kind === "IHDR" && length >= 13) {
      [width, height] = [view.getUint32(at + 8), view.getUint32(at + 12)];
      depth = data[8]!;
      const isKnown = data[9] === GRAY || (data[9] === PALETTE && depth === 8);
      if (!isKnown || (depth !== 8 && depth !== 16) || data[12] !== 0) return null;
    }
    if (kind === "IDAT") parts.push(data);
    if (kind === "IEND") break;
    at += length + 12;
  }
  const nBytes = depth / 8;
  if (width === 0 || height === 0 || width * height > MAX_PIXELS || parts.length === 0) return null;
  const raw = await unpack(parts, (width * nBytes + 1) * height);
  const lines = raw && unfiltered(raw, width * nBytes, height, nBytes);
  if (!lines) return null;
  if (nBytes === 1) return { width, height, ids: lines };
  const wide = new DataView(lines.buffer, lines.byteOffset, lines.byteLength);
  return {
    width,
    height,
    ids: Uint16Array.from({ length: width * height }, (_, i) => wide.getUint16(2 * i)),
  };
}

/** The first bytes of what was compressed, and no more of it; null: there are fewer. */
async function unpack(parts: readonly Uint8Array<ArrayBuffer>[], nBytes: number): Promise<Uint8Array | null> {
  const reader = new Blob([...parts]).stream().pipeThrough(new DecompressionStream("deflate")).getReader();
  const out = new Uint8Array(nBytes);
  let at = 0;
  while (at < nBytes) {
    const { value, done } = await reader.read();
    if (done) return null;
    out.set(value.subarray(0, nBytes - at), at);
    at += value.length;
  }
  await reader.cancel();
  return out;
}

/** Undoes the filters of PNG (ISO/IEC 15948, section 9). */
function unfiltered(raw: Uint8Array, stride: number, height: number, nBytes: number): Uint8Array {
  const out = new Uint8Array(stride * height);
  for (let y = 0; y < height; y++) {
    const filter = raw[y * (stride + 1)]!;
    const from = y * (stride + 1) + 1;
    const to = y * stride;
    for (let x = 0; x < stride; x++) {
      const left = x >= nBytes ? out[to + x - nBytes]! : 0;
      const up = y > 0 ? out[to + x - stride]! : 0;
      const corner = x >= nBytes && y > 0 ? out[to + x - stride - nBytes]! : 0;
      out[to + x] = raw[from + x]! + predicted(filter, left, up, corner);
    }
  }
  return out;
}

function predicted(filter: number, left: number, up: number, corner: number): number {
  if (filter === 1) return left;
  if (filter === 2) return up;
  if (filter === 3) return (left + up) >> 1;
  if (filter !== 4) return 0;
  const toLeft = Math.abs(up - corner);
  const toUp = Math.abs(left - corner);
  const toCorner = Math.abs(left + up - 2 * corner);
  if (toLeft <= toUp && toLeft <= toCorner) return left;
  return toUp <= toCorner ? up : corner;
}

/** The colour of a class, RGB from 0 to 255; null: it is not painted. */
export type ColorOf = (id: number) => readonly [number, number, number] | null;

/** RGBA of a mask's pixels. */
export function paintMask({ ids }: Mask, colorOf: ColorOf): Uint8ClampedArray<ArrayBuffer> {
  const pixels = new Uint8ClampedArray(ids.length * 4);
  const wordOf = wordsOf(colorOf);
  const words = new Uint32Array(pixels.buffer);
  for (let i = 0; i < ids.length; i++) words[i] = wordOf(ids[i]!);
  return pixels;
}

/**
 * RGBA of the edges of a mask's areas in a picture of another size, at most as large as the mask: each pixel at an edge is in
 * it, where a picture that is made smaller leaves out whole rows.
 */
export function paintOutline(
  { width, height, ids }: Mask,
  colorOf: ColorOf,
  size: { readonly width: number; readonly height: number },
): Uint8ClampedArray<ArrayBuffer> {
  const pixels = new Uint8ClampedArray(size.width * size.height * 4);
  const wordOf = wordsOf(colorOf);
  const words = new Uint32Array(pixels.buffer);
  const areas = new Map<number, number>();
  for (const id of ids) areas.set(id, (areas.get(id) ?? 0) + 1);
  /** By pixel: the number of pixels of the class that it shows. */
  const shown = new Uint32Array(words.length);
  for (let y = 0; y < height; y++) {
    const row = Math.floor((y * size.height) / height) * size.width;
    for (let x = 0; x < width; x++) {
      const i = y * width + x;
      if (!isEdge(ids, width, i)) continue;
      const word = wordOf(ids[i]!);
      const at = row + Math.floor((x * size.width) / width);
      const area = areas.get(ids[i]!)!;
      // two classes meet in one pixel: it is the smaller one's, whose outline would have gaps; one without a colour has none
      if (word === 0 || (words[at] !== 0 && shown[at]! < area)) continue;
      words[at] = word;
      shown[at] = area;
    }
  }
  return pixels;
}

/** The bytes of a class's pixel as one number; 0: it is not painted. */
function wordsOf(colorOf: ColorOf): (id: number) => number {
  const words = new Map<number, number>();
  return (id) => {
    let word = words.get(id);
    if (word === undefined) {
      const color = colorOf(id);
      // little-endian, as all machines with a browser are
      word = color ? ((255 << 24) | (color[2] << 16) | (color[1] << 8) | color[0]) >>> 0 : 0;
      words.set(id, word);
    }
    return word;
  };
}

/** Whether a neighbour of a pixel has another class. */
function isEdge(ids: Uint8Array | Uint16Array, width: number, i: number): boolean {
  const id = ids[i]!;
  const x = i % width;
  return (
    (x > 0 && ids[i - 1] !== id) ||
    (x < width - 1 && ids[i + 1] !== id) ||
    (ids[i - width] ?? id) !== id ||
    (ids[i + width] ?? id) !== id
  );
}
