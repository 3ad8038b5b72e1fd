import { describe, expect, it } from "vitest";
import { layOutOutlines, outlineXs } from "./outlines-layout";

const bucket = (x: number, edges: number[], counts: number[]) => ({
  x,
  from: x,
  to: x + 1,
  edges,
  counts,
  nNonfinite: 0,
});
const RUNS = [
  { color: 1, buckets: [bucket(0, [0, 1, 2], [1, 1]), bucket(10, [0, 1, 2], [3, 1])] },
  { color: 2, buckets: [bucket(5, [2, 3, 4], [0, 200])] },
  { color: 3, buckets: [bucket(20, [0, 4], [7])] },
];

describe("histograms of several runs", () => {
  it("are the last of each run at a step, as shares on common bins", () => {
    expect(outlineXs(RUNS)).toEqual([0, 5, 10, 20]);
    const { lo, hi, outlines, most } = layOutOutlines(RUNS, 12, 4)!;
    expect([lo, hi, most]).toEqual([0, 4, 1]);
    expect(outlines.map(({ color, shares }) => [color, [...shares]])).toEqual([
      [1, [0.75, 0.25, 0, 0]],
      [2, [0, 0, 0, 1]],
    ]);
    expect(layOutOutlines(RUNS, 0, 4)!.outlines.map(({ color }) => color)).toEqual([1]);
  });

  it("are none without a value", () => {
    expect(layOutOutlines([{ color: 1, buckets: [bucket(0, [0, 1], [0])] }], 0, 4)).toBeNull();
  });
});
