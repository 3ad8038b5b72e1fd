import { expect, test } from "vitest";
import { unpackStaticFigure } from "./static-figure";

/** Packs a content as the server does: a list, the content, planes of codes. */
function packed(content: Uint8Array, list: readonly object[], ...codes: readonly number[][]): Uint8Array {
  const text = new TextEncoder().encode(JSON.stringify(list));
  const bytes = [text, content].flatMap((part) => [
    ...new Uint8Array(Uint32Array.of(part.length).buffer),
    ...part,
  ]);
  const planes = codes.flatMap((numbers, i) => {
    const { width } = list[i] as { width: number };
    return Array.from({ length: width }, (_, plane) => numbers.map((code) => (code >>> (8 * plane)) & 255));
  });
  return Uint8Array.from([...bytes, ...planes.flat()]);
}

function zigzag(difference: number): number {
  return difference < 0 ? -2 * difference - 1 : 2 * difference;
}

function floatsIn(content: Uint8Array, at: number, n: number): number[] {
  const view = new DataView(content.buffer);
  return Array.from({ length: n }, (_, i) => view.getFloat32(at + 4 * i, true));
}

test("steps are summed up, also over the edge of a byte, and NaN stays at its index", () => {
  const content = Uint8Array.from({ length: 15 }, () => 7);
  const list = [{ at: 2, n: 3, kind: "step", step: 0.25, width: 2, isDelta: true, nan: [1] }];
  const unpacked = unpackStaticFigure(packed(content, list, [400, -396, 1].map(zigzag)));
  expect(floatsIn(unpacked, 2, 3)).toEqual([100, Number.NaN, 1.25]);
  expect([unpacked[0], unpacked[1], unpacked[14], unpacked.length]).toEqual([7, 7, 7, 15]);
});

test("a minimum is told from its mean", () => {
  const list = [
    { at: 0, n: 2, kind: "step", step: 1, width: 1, isDelta: true },
    { at: 8, n: 2, kind: "step", step: 1, width: 1, isDelta: false, other: 0 },
  ];
  const codes = [[5, 2].map(zigzag), [-1, -9].map(zigzag)];
  const unpacked = unpackStaticFigure(packed(new Uint8Array(16), list, ...codes));
  expect(floatsIn(unpacked, 0, 4)).toEqual([5, 7, 4, -2]);
});

test("floats have the order of their codes, and bits stay as they are", () => {
  const numbers = [1.5, -1.5, 0, 3.0517578125e-5];
  const bits = [...new Int32Array(Float32Array.from(numbers).buffer)];
  const codes = bits.map((bit) => (bit >= 0 ? bit : -(bit & 0x7fffffff)) >> 8);
  const differences = codes.map((code, i) => zigzag(code - (codes[i - 1] ?? 0)));
  const list = [
    { at: 0, n: 4, kind: "float", width: 4, isDelta: true },
    { at: 16, n: 4, kind: "bits", width: 4, isDelta: false },
  ];
  const unpacked = unpackStaticFigure(packed(new Uint8Array(32), list, differences, bits));
  expect(floatsIn(unpacked, 0, 8)).toEqual([...numbers, ...numbers]);
});
