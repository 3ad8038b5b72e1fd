import { describe, expect, it } from "vitest";
import { DensityGrid, type Polyline } from "./density";

const [WIDTH, HEIGHT] = [64, 40];

/** Curves as a seeded generator makes them: any number of points, some steep, some ending early. */
function randomCurves(count: number, seed: number): Polyline[] {
  let state = seed;
  const random = () => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return state / 2147483648;
  };
  return Array.from({ length: count }, () => {
    const n = 1 + Math.floor(random() * 90);
    const first = random() * WIDTH;
    const x = Float64Array.from({ length: n }, random).sort();
    const wide = random() * (WIDTH - first);
    for (let i = 0; i < n; i++) x[i] = first + x[i]! * wide;
    const top = Float64Array.from({ length: n }, () => random() * HEIGHT * 0.9);
    const bottom = top.map((y) => y + random() * (HEIGHT - y) * 0.99);
    return { n, x, top, bottom };
  });
}

function gridOf(curves: readonly Polyline[]): DensityGrid {
  const grid = new DensityGrid();
  grid.begin(WIDTH, HEIGHT);
  for (const curve of curves) grid.add(curve, 1.5);
  return grid;
}

describe("the density of curves", () => {
  it("counts each curve once in each column that it crosses", () => {
    for (let seed = 1; seed <= 25; seed++) {
      const curves = randomCurves(40, seed);
      const counts = gridOf(curves).toCounts();
      for (let column = 0; column < WIDTH; column++) {
        let sum = 0;
        for (let row = 0; row < HEIGHT; row++) sum += counts[row * WIDTH + column]!;
        const crossing = curves.filter(
          ({ x, n }) => Math.floor(x[0]!) <= column && column <= Math.floor(x[n - 1]!),
        );
        expect(sum).toBeCloseTo(crossing.length, 6);
      }
    }
  });

  it("has exactly the extremes of all points for its envelope", () => {
    for (let seed = 1; seed <= 25; seed++) {
      const curves = randomCurves(40, seed);
      const { top, bottom } = gridOf(curves);
      const [highest, lowest] = [Array(WIDTH).fill(Infinity), Array(WIDTH).fill(-Infinity)];
      for (const curve of curves)
        for (let i = 0; i < curve.n; i++) {
          const column = Math.floor(curve.x[i]!);
          highest[column] = Math.min(highest[column], curve.top[i]!);
          lowest[column] = Math.max(lowest[column], curve.bottom[i]!);
        }
      for (let column = 0; column < WIDTH; column++) {
        // lines between points of other columns may cross it, too, and buckets reach into it
        expect(top[column]).toBeLessThanOrEqual(highest[column]);
        expect(bottom[column]).toBeGreaterThanOrEqual(lowest[column]);
      }
      expect(Math.min(...top)).toBe(Math.min(...highest));
      expect(Math.max(...bottom)).toBe(Math.max(...lowest));
    }
  });

  it("weighs a steep curve as a flat one, and counts only what lies within", () => {
    const line = (x: number[], y: number[]): Polyline => {
      const ys = Float64Array.from(y);
      return { n: x.length, x: Float64Array.from(x), top: ys, bottom: ys };
    };
    const grid = gridOf([line([0, 1], [0, 39]), line([10, 20], [5.5, 5.5]), line([30, 40], [-9, -2])]);
    const counts = grid.toCounts();
    for (let row = 0; row < HEIGHT; row++) expect(counts[row * WIDTH]).toBeCloseTo(1 / HEIGHT, 9);
    expect(counts[5 * WIDTH + 15]).toBe(1);
    expect(counts[6 * WIDTH + 15]).toBe(0);
    for (let row = 0; row < HEIGHT; row++) expect(counts[row * WIDTH + 35]).toBe(0);
    expect(grid.top[30]).toBe(-9);
  });
});
