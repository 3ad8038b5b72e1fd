import { describe, expect, it } from "vitest";
import { Raster } from "./raster";

const INK = [1, 0, 0] as const;

function rasterOf(width: number, height: number): Raster {
  const raster = new Raster();
  raster.begin(width, height);
  return raster;
}

/** Coverage of all pixels of a column together: how thick what is drawn is there. */
function thickness(raster: Raster, column: number): number {
  let sum = 0;
  for (let row = 0; row < raster.height; row++) sum += raster.pixelAt(column, row)[3];
  return sum;
}

describe("strokes", () => {
  it("are as thick as asked, wherever between pixels they lie", () => {
    for (const y of [10, 10.25, 10.5, 10.9]) {
      const raster = rasterOf(40, 20);
      raster.stroke({ x: Float64Array.of(0, 40), y: Float64Array.of(y, y), n: 2 }, 1.5, INK, 1);
      expect(thickness(raster, 20)).toBeCloseTo(1.5, 5);
    }
    // at 45° a vertical cut is √2 times as long
    const slanted = rasterOf(60, 60);
    slanted.stroke({ x: Float64Array.of(0, 60), y: Float64Array.of(0, 60), n: 2 }, 1.5, INK, 1);
    expect(thickness(slanted, 30)).toBeCloseTo(1.5 * Math.SQRT2, 1);
  });

  it("are no thicker where many short parts meet", () => {
    const n = 400;
    const raster = rasterOf(40, 20);
    const x = Float64Array.from({ length: n }, (_, i) => (i / n) * 40);
    raster.stroke({ x, y: new Float64Array(n).fill(10.3), n }, 1.5, INK, 1);
    expect(thickness(raster, 20)).toBeCloseTo(1.5, 5);
  });

  it("reach the tip of a spike of one point, however narrow it is", () => {
    const n = 1000;
    const raster = rasterOf(100, 100);
    const y = new Float64Array(n).fill(90);
    y[503] = 10;
    raster.stroke({ x: Float64Array.from({ length: n }, (_, i) => i / 10), y, n }, 1.5, INK, 1);
    expect(raster.pixelAt(50, 10)[3]).toBeGreaterThan(0.9);
    expect(raster.pixelAt(50, 50)[3]).toBeGreaterThan(0.9);
  });

  it("that leave the picture on all sides stay in it", () => {
    const raster = rasterOf(10, 10);
    raster.stroke({ x: Float64Array.of(-500, 500), y: Float64Array.of(1e7, -1e7), n: 2 }, 1.5, INK, 1);
    raster.stroke({ x: Float64Array.of(-5, -3), y: Float64Array.of(5, 5), n: 2 }, 1.5, INK, 1);
    expect(raster.pixelAt(0, 5)[3]).toBeGreaterThan(0.7);
    expect(raster.pixelAt(5, 5)[3]).toBe(0);
  });

  it("have dots as wide as asked at their points", () => {
    const raster = rasterOf(60, 20);
    raster.dots({ x: Float64Array.of(10, 40), y: Float64Array.of(10, 10), n: 2 }, 6, INK);
    // two columns share the widest cut
    expect(thickness(raster, 10)).toBeCloseTo(6, 0);
    expect(thickness(raster, 40)).toBeCloseTo(6, 0);
    expect(thickness(raster, 25)).toBe(0);
  });

  it("with dashes leave gaps of the length asked", () => {
    const raster = rasterOf(400, 20);
    raster.stroke({ x: Float64Array.of(0, 400), y: Float64Array.of(10, 10), n: 2 }, 1.5, INK, 1, [5, 3.5]);
    let drawn = 0;
    for (let column = 0; column < 400; column++) drawn += raster.pixelAt(column, 10)[3];
    const solid = rasterOf(400, 20);
    solid.stroke({ x: Float64Array.of(0, 400), y: Float64Array.of(10, 10), n: 2 }, 1.5, INK, 1);
    let all = 0;
    for (let column = 0; column < 400; column++) all += solid.pixelAt(column, 10)[3];
    expect(drawn / all).toBeGreaterThan(0.5);
    expect(drawn / all).toBeLessThan(0.68);
  });
});

describe("bands", () => {
  it("fill what lies between, with part of the pixels at their edges", () => {
    const raster = rasterOf(40, 20);
    raster.fillBetween(
      Float64Array.of(0, 40),
      Float64Array.of(4.25, 4.25),
      Float64Array.of(9.5, 9.5),
      2,
      INK,
      0.2,
    );
    expect(thickness(raster, 20)).toBeCloseTo(0.2 * 5.25, 5);
    expect(raster.pixelAt(20, 4)[3]).toBeCloseTo(0.15, 5);
    expect(raster.pixelAt(20, 6)[3]).toBeCloseTo(0.2, 5);
    expect(raster.pixelAt(20, 10)[3]).toBe(0);
  });

  it("reach as far as any point within a column", () => {
    const n = 1000;
    const raster = rasterOf(100, 100);
    const bottom = new Float64Array(n).fill(90);
    const top = bottom.slice();
    top[503] = 10;
    raster.fillBetween(
      Float64Array.from({ length: n }, (_, i) => i / 10),
      top,
      bottom,
      n,
      INK,
      0.2,
    );
    expect(raster.pixelAt(50, 10)[3]).toBeCloseTo(0.2, 5);
    expect(raster.pixelAt(52, 50)[3]).toBe(0);
  });

  it("lie over each other as paint does", () => {
    const raster = rasterOf(10, 10);
    const [x, top, bottom] = [Float64Array.of(0, 10), Float64Array.of(2, 2), Float64Array.of(8, 8)];
    raster.fillBetween(x, top, bottom, 2, [1, 0, 0], 0.5);
    raster.fillBetween(x, top, bottom, 2, [0, 0, 1], 0.5);
    const [r, g, b, a] = raster.pixelAt(5, 5);
    expect(a).toBeCloseTo(0.75, 5);
    expect(r).toBeCloseTo(1 / 3, 5);
    expect(g).toBe(0);
    expect(b).toBeCloseTo(2 / 3, 5);
  });
});
