import { describe, expect, it } from "vitest";
import { columnSpan, edgesOf, indexAt, rowSpan, scrolledTo } from "./window";

describe("rows in view", () => {
  it("hold all that can be seen and no more than asked for", () => {
    for (const top of [0, 1, 31, 32, 333, 3_199_000]) {
      const { first, end } = rowSpan(top, 900, 32, 100_000, 6);
      expect(first * 32).toBeLessThanOrEqual(top);
      expect(Math.min(end * 32, 3_200_000)).toBeGreaterThanOrEqual(Math.min(top + 900, 3_200_000));
      expect(end - first).toBeLessThanOrEqual(30 + 2 * 6 + 2 * 4);
    }
  });

  it("are none of an empty table", () => {
    expect(rowSpan(0, 900, 32, 0, 6)).toEqual({ first: 0, end: 0 });
  });

  it("stay the same for a few pixels", () => {
    expect(rowSpan(3200, 896, 32, 1000, 4)).toEqual(rowSpan(3216, 880, 32, 1000, 4));
  });
});

describe("columns in view", () => {
  const edges = edgesOf([100, 50, 200, 80, 80]);

  it("are those that a part of is seen", () => {
    expect(columnSpan(edges, 0, 120, 0)).toEqual({ first: 0, end: 2 });
    expect(columnSpan(edges, 120, 100, 0)).toEqual({ first: 1, end: 3 });
    expect(columnSpan(edges, 400, 500, 0)).toEqual({ first: 3, end: 5 });
    expect(columnSpan([0], 0, 500, 100)).toEqual({ first: 0, end: 0 });
  });

  it("are found by place", () => {
    expect([-1, 0, 99, 100, 149, 150, 510].map((px) => indexAt(edges, px))).toEqual([-1, 0, 0, 1, 1, 2, 5]);
  });
});

describe("scrolling to a place", () => {
  it("moves as little as possible", () => {
    expect(scrolledTo(320, 352, 0, 900)).toBe(0);
    expect(scrolledTo(320, 352, 400, 900)).toBe(320);
    expect(scrolledTo(960, 992, 0, 900)).toBe(92);
  });
});
