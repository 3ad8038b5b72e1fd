import { expect, test } from "vitest";
import { layOutHeatMap } from "./heatmap-layout";
import { layOutRidges, ridgeOf } from "./ridgeline-layout";

const histogram = (x: number, counts: number[]) => ({
  x,
  from: x,
  to: x + 1,
  edges: [0, 1, 2],
  counts,
  nNonfinite: 0,
});

test("each column is in one ridge, and a ridge is the mean of its columns", () => {
  const map = layOutHeatMap(
    Array.from({ length: 7 }, (_, i) => histogram(i, [i, 10])),
    2,
  )!;
  const line = layOutRidges(map, 3);
  expect(line.ridges.map(({ from, to }) => [from, to])).toEqual([
    [0, 2],
    [2, 5],
    [5, 7],
  ]);
  expect(line.ridges.map(({ cells }) => [...cells].map((n) => Number(n.toFixed(9))))).toEqual([
    [0.5, 10],
    [3, 10],
    [5.5, 10],
  ]);
  expect(line.most).toBeCloseTo(10);
  expect([0, 4, 6, 7].map((column) => ridgeOf(line, column))).toEqual([0, 1, 2, -1]);
  expect(layOutRidges(map, 40).ridges).toHaveLength(7);
});
