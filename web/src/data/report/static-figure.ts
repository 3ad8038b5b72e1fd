/**
 * Figures of a static file: the content of a figure whose curves stand after it as whole numbers, which pack well. Pure.
 *
 * `weft.server.http.reports.static_figures` writes them, and has the format and the error bounds.
 */

/** Numbers of one column of a panel. */
interface Curves {
  /** Bytes before the first float32 in the content. */
  readonly at: number;
  readonly n: number;
  readonly kind: "step" | "float" | "bits";
  readonly step?: number;
  /** Bytes of each code. */
  readonly width: number;
  readonly isDelta: boolean;
  readonly other?: number;
  readonly nan?: readonly number[];
}

/** The content of a figure as `readFigure` takes it. */
export function unpackStaticFigure(packed: Uint8Array): Uint8Array<ArrayBuffer> {
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength);
  const nList = view.getUint32(0, true);
  const list = JSON.parse(new TextDecoder().decode(packed.subarray(4, 4 + nList))) as readonly Curves[];
  const nContent = view.getUint32(4 + nList, true);
  const begin = 8 + nList;
  const content = new Uint8Array(packed.subarray(begin, begin + nContent));
  const codes: Int32Array[] = [];
  let at = begin + nContent;
  for (const curves of list) {
    const end = at + curves.n * curves.width;
    codes.push(codesOf(packed.subarray(at, end), curves, codes));
    content.set(bytesOf(curves, codes.at(-1)!), curves.at);
    at = end;
  }
  return content;
}

function codesOf(planes: Uint8Array, curves: Curves, before: readonly Int32Array[]): Int32Array {
  const { n, width, isDelta, other } = curves;
  const codes = new Int32Array(n);
  for (let plane = 0; plane < width; plane++) {
    const shift = 8 * plane;
    for (let i = 0, at = plane * n; i < n; i++, at++) codes[i]! |= planes[at]! << shift;
  }
  if (!isDelta && other === undefined) return codes;
  const base = other === undefined ? null : before[other]!;
  let last = 0;
  for (let i = 0; i < n; i++) {
    const code = codes[i]!;
    last = (base ? base[i]! : last) + ((code >>> 1) ^ -(code & 1));
    codes[i] = last;
  }
  return codes;
}

/** The float32 numbers of codes; typed arrays are little-endian, as Arrow is, on all machines that browsers run on. */
function bytesOf({ n, kind, step = 1, nan = [] }: Curves, codes: Int32Array): Uint8Array {
  const numbers = new Float32Array(n);
  const bits = new Int32Array(numbers.buffer);
  if (kind === "step") for (let i = 0; i < n; i++) numbers[i] = codes[i]! * step;
  else if (kind === "bits") bits.set(codes);
  else for (let i = 0; i < n; i++) bits[i] = bitsOf(codes[i]! << 8);
  for (const i of nan) numbers[i] = Number.NaN;
  return new Uint8Array(numbers.buffer);
}

/** The bits of a float32 by its rank among all of them. */
function bitsOf(ordered: number): number {
  return ordered >= 0 ? ordered : -ordered | 0x80000000;
}
