import { describe, expect, it } from "vitest";
import { contourAt, contourMap, contourRange } from "./contour-map";

describe("a map of a result over two numbers", () => {
  it("is the mean of what is near, and nothing where no run is", () => {
    const map = contourMap(
      [
        { x: 0.2, y: 0.2, z: 1 },
        { x: 0.2, y: 0.2, z: 3 },
        { x: 0.8, y: 0.8, z: 10 },
      ],
      null,
      null,
    );
    expect(contourAt(map, 0.2, 0.2)).toBeCloseTo(2, 6);
    expect(contourAt(map, 0.8, 0.8)).toBeCloseTo(10, 6);
    expect(contourAt(map, 0.2, 0.8)).toBeNaN();
    expect(contourRange(map)![0]).toBeCloseTo(2, 6);
    expect(contourRange(map)![1]).toBeCloseTo(10, 6);
  });

  it("follows a plane that many runs are on, with a narrower kernel", () => {
    const points = Array.from({ length: 10_000 }, (_, i) => {
      const [x, y] = [(i * Math.SQRT2) % 1, (i * Math.sqrt(3)) % 1];
      return { x, y, z: x + 2 * y };
    });
    const map = contourMap(points, null, null);
    expect(map.width).toBeLessThan(contourMap(points.slice(0, 30), null, null).width);
    for (const [x, y] of [
      [0.5, 0.5],
      [0.3, 0.7],
      [0.8, 0.25],
    ] as const)
      expect(contourAt(map, x, y)).toBeCloseTo(x + 2 * y, 1);
  });

  it("never leaves the range of the results", () => {
    const points = Array.from({ length: 50 }, (_, i) => ({
      x: (i * Math.SQRT2) % 1,
      y: (i * Math.sqrt(3)) % 1,
      z: i % 7,
    }));
    const [lo, hi] = contourRange(contourMap(points, null, null))!;
    expect(lo).toBeGreaterThanOrEqual(0);
    expect(hi).toBeLessThanOrEqual(6);
  });
});

describe("a map over categories", () => {
  it("averages each category by itself", () => {
    const map = contourMap(
      [
        { x: 0.25, y: 0.5, z: 1 },
        { x: 0.75, y: 0.5, z: 5 },
      ],
      2,
      null,
    );
    expect(contourAt(map, 0.49, 0.5)).toBeCloseTo(1, 6);
    expect(contourAt(map, 0.51, 0.5)).toBeCloseTo(5, 6);
    expect(contourAt(map, 0.51, 0.95)).toBeNaN();
  });

  it("has one value for each pair of categories", () => {
    const map = contourMap([{ x: 0.25, y: 0.75, z: 4 }], 2, 2);
    expect(contourAt(map, 0.1, 0.9)).toBe(4);
    expect(contourAt(map, 0.9, 0.9)).toBeNaN();
  });

  it("is blank without runs", () => {
    expect(contourRange(contourMap([], null, 3))).toBeNull();
  });
});
