import { zlibSync } from "fflate";
import { describe, expect, it } from "vitest";
import { decodeMask, paintMask, paintOutline } from "./mask";

/** A PNG without checksums, whose lines have the filters given. */
function png(
  width: number,
  depth: number,
  lines: readonly (readonly number[])[],
  color = 0,
): Uint8Array<ArrayBuffer> {
  const head = new Uint8Array(13);
  new DataView(head.buffer).setUint32(0, width);
  new DataView(head.buffer).setUint32(4, lines.length);
  head.set([depth, color, 0, 0, 0], 8);
  const raw = zlibSync(Uint8Array.from(lines.flat()));
  const middle = raw.length >> 1;
  return Uint8Array.from([
    ...[0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a],
    ...chunk("IHDR", head),
    ...chunk("IDAT", raw.subarray(0, middle)),
    ...chunk("IDAT", raw.subarray(middle)),
    ...chunk("IEND", new Uint8Array()),
  ]);
}

function chunk(kind: string, data: Uint8Array): number[] {
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, data.length);
  return [...length, ...[...kind].map((char) => char.charCodeAt(0)), ...data, 0, 0, 0, 0];
}

describe("a mask", () => {
  it("is decoded whatever filters its lines have", async () => {
    // none, left, up, mean, Paeth: each of the pixels 1 2 3 over those of the line before
    const mask = await decodeMask(
      png(3, 8, [
        [0, 1, 2, 3],
        [1, 1, 1, 1],
        [2, 0, 0, 0],
        [3, 1, 1, 1],
        [4, 0, 0, 0],
      ]),
    );
    expect(mask && [mask.width, mask.height]).toEqual([3, 5]);
    expect(Array.from(mask!.ids)).toEqual([1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3]);
  });

  it("keeps ids of 16 bits, and those of a palette", async () => {
    const wide = await decodeMask(
      png(2, 16, [
        [1, 1, 44, 0, 1],
        [2, 0, 0, 0, 1],
      ]),
    );
    expect(Array.from(wide!.ids)).toEqual([300, 301, 300, 302]);
    expect(Array.from((await decodeMask(png(2, 8, [[0, 7, 9]], 3)))!.ids)).toEqual([7, 9]);
  });

  it("is none if it has colors, fewer bits, or is no PNG or cut short", async () => {
    expect(await decodeMask(png(1, 8, [[0, 1, 2, 3]], 2))).toBeNull();
    expect(await decodeMask(png(8, 1, [[0, 1]]))).toBeNull();
    expect(await decodeMask(png(4, 8, [[0, 1, 2]]))).toBeNull();
    expect(await decodeMask(Uint8Array.from([1, 2, 3]))).toBeNull();
  });

  it("is painted in the colors of its classes", () => {
    const mask = { width: 3, height: 1, ids: Uint8Array.from([0, 1, 2]) };
    const pixels = paintMask(mask, (id) => (id === 0 ? null : [id, 20, 255]));
    expect(Array.from(pixels)).toEqual([0, 0, 0, 0, 1, 20, 255, 255, 2, 20, 255, 255]);
  });

  it("is painted at the edges of its areas alone, where it lies over another one", () => {
    // prettier-ignore
    const ids = Uint8Array.from([1, 1, 1, 2, 1, 1, 1, 2, 1, 1, 1, 2]);
    const size = { width: 4, height: 3 };
    const pixels = paintOutline({ ...size, ids }, () => [9, 9, 9], size);
    const painted = Array.from(ids, (_, i) => (pixels[4 * i + 3] ? 1 : 0));
    expect(painted).toEqual([0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1]);
  });

  it("loses no edge of an outline in a picture smaller than the mask", () => {
    const [width, height] = [100, 90];
    const isIn = (i: number) => i % width >= 21 && i % width < 60 && i >= 17 * width && i < 70 * width;
    const ids = Uint8Array.from({ length: width * height }, (_, i) => (isIn(i) ? 1 : 0));
    for (const size of [9, 20, 37, 50, 64, 89].map((px) => ({ width: px, height: px }))) {
      const mask = { width, height, ids };
      const alone = paintOutline(mask, (id) => (id === 1 ? [200, 9, 9] : null), size);
      const besideAnother = paintOutline(mask, (id) => (id === 1 ? [200, 9, 9] : [9, 9, 9]), size);
      const at = (x: number, y: number) => {
        const column = Math.floor((x * size.width) / width);
        const pixel = 4 * (Math.floor((y * size.height) / height) * size.width + column);
        expect(besideAnother[pixel]).toBe(alone[pixel]);
        return alone[pixel + 3];
      };
      for (let x = 21; x < 60; x++) expect([at(x, 17), at(x, 69)]).toEqual([255, 255]);
      for (let y = 17; y < 70; y++) expect([at(21, y), at(59, y)]).toEqual([255, 255]);
      expect(at(40, 45)).toBe(0);
    }
  });
});
