import { describe, expect, test } from "vitest";
import { peaksOf } from "./peaks";

describe("peaksOf", () => {
  test("has the lowest and the highest of all channels in each column", () => {
    const { lo, hi } = peaksOf([new Float32Array([0, 0.5, -0.25, 0]), new Float32Array([0, 0, -1, 0.75])], 2);
    expect([[...lo], [...hi]]).toEqual([
      [0, -1],
      [0.5, 0.75],
    ]);
  });
  test("a sound shorter than its columns fills them all", () => {
    const { hi } = peaksOf([new Float32Array([0.5, 1])], 4);
    expect([...hi]).toEqual([0.5, 0.5, 1, 1]);
    expect([...peaksOf([new Float32Array()], 2).hi]).toEqual([0, 0]);
  });
});
