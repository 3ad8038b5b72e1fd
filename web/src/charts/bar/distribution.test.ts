import { describe, expect, it } from "vitest";
import { boxOf, outlineOf } from "./distribution";

describe("a box", () => {
  it("has the quartiles of numpy, whiskers at values and the others as outliers", () => {
    // numpy.quantile([1, 2, 3, 4, 5, 6, 7, 100], [.25, .5, .75]) is 2.75, 4.5, 6.25
    expect(boxOf([7, 1, 100, 3, 2, 5, 4, 6])).toEqual({
      q1: 2.75,
      median: 4.5,
      q3: 6.25,
      low: 1,
      high: 7,
      outliers: [100],
    });
  });

  it("of one value, or of equal ones, is a line", () => {
    const line = (v: number) => ({ q1: v, median: v, q3: v, low: v, high: v, outliers: [] });
    expect(boxOf([3])).toEqual(line(3));
    expect(boxOf([2, 2, 2])).toEqual(line(2));
  });

  it("has no whisker that ends inside it", () => {
    const { q1, q3, low, high, outliers } = boxOf([0, 0, 0, 1, 9]);
    expect(low).toBeLessThanOrEqual(q1);
    expect(high).toBeGreaterThanOrEqual(q3);
    expect(outliers).toEqual([9]);
  });
});

describe("a violin", () => {
  it("is widest where most values are and ends at the values' ends", () => {
    const outline = outlineOf([0, 0.9, 1, 1, 1.1, 4])!;
    const { at, half } = outline;
    expect([at[0], at[at.length - 1]]).toEqual([0, 4]);
    const widest = half.indexOf(1);
    expect(Math.abs(at[widest]! - 1)).toBeLessThan(0.1);
    expect(Math.min(...half)).toBeGreaterThanOrEqual(0);
  });

  it("needs two different values", () => {
    expect(outlineOf([5])).toBeNull();
    expect(outlineOf([5, 5, 5])).toBeNull();
  });

  it("holds for values of any size", () => {
    for (const scale of [1e-300, 1, 1e150]) {
      const outline = outlineOf([1, 2, 2, 3].map((v) => v * scale))!;
      expect([...outline.half].every((v) => v >= 0 && v <= 1)).toBe(true);
    }
  });
});
