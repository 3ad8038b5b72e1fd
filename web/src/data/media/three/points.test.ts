import { describe, expect, it } from "vitest";
import { categoryColor, edgesOf, type Point, readScene } from "./points";

const CUBE: Point[] = [0, 1].flatMap((x) => [0, 2].flatMap((y) => [0, 3].map((z): Point => [x, y, z])));

describe("a scene", () => {
  it("is read of points with colors, of points with categories, and of plain ones", () => {
    const colored = readScene([
      [1, 2, 3, 255, 0, 127.5],
      [4, 5, 6, 0, 510, 0],
    ])!;
    expect(Array.from(colored.positions)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(Array.from(colored.colors!)).toEqual([1, 0, 0.5, 0, 1, 0]);
    const sorted = readScene([
      [0, 0, 0, 3],
      [0, 0, 0, 3],
      [0, 0, 0, 4],
    ])!;
    const [a, b, c] = [0, 3, 6].map((at) => Array.from(sorted.colors!.slice(at, at + 3)));
    expect(a).toEqual(b);
    expect(a).not.toEqual(c);
    expect(readScene([[0, 0, 0]])!.colors).toBeNull();
    for (let n = -5; n < 30; n++)
      for (const part of categoryColor(n)) expect(part >= 0.2 && part <= 1).toBe(true);
  });

  it("has boxes with their texts and arrows; what is malformed is left out", () => {
    const scene = readScene({
      type: "lidar/beta",
      points: [[0, 0, 0], [1, 2], "x", [1, 2, Number.NaN]],
      boxes: [{ corners: CUBE, label: "car", score: 0.875, color: [255, 0, 0] }, { corners: CUBE.slice(1) }],
      vectors: [{ start: [0, 0, 0], end: [1, 1, 1] }, { start: [0, 0] }],
    })!;
    expect(scene.positions).toHaveLength(3);
    expect(scene.boxes.map(({ text, color, edges }) => [text, color, edges.length])).toEqual([
      ["car 0.88", [1, 0, 0], 12],
    ]);
    expect(scene.vectors).toEqual([
      [
        [0, 0, 0],
        [1, 1, 1],
      ],
    ]);
    expect(readScene({ mesh: [] })).toBeNull();
    expect(readScene(null)).toBeNull();
  });
});

describe("the edges of a box", () => {
  it("are twelve, whatever the order of its corners and however it is turned", () => {
    const turned = CUBE.map(([x, y, z]): Point => [0.6 * x - 0.8 * y + 9, 0.8 * x + 0.6 * y, z + 0.1 * x]);
    for (const corners of [
      CUBE,
      [...CUBE].reverse(),
      [...CUBE].sort((a, b) => a[1] - b[1] || b[0] - a[0]),
      turned,
    ]) {
      const lengths = edgesOf(corners).map(([a, b]) => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]));
      expect(lengths).toHaveLength(12);
      expect(new Set(lengths.map((length) => Math.round(length * 10))).size).toBe(3);
    }
  });
});
