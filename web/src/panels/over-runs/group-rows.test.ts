import { describe, expect, it } from "vitest";
import { figureOf } from "@/api/metrics/metric-figures";
import { groupFigures, tQuantile } from "./group-rows";

const member = (id: string, groupValues: readonly (readonly unknown[])[], value: number) => ({
  id,
  groupValues,
  value,
});

describe("figures of groups", () => {
  it("are means with whiskers over the runs of each", () => {
    const [a, b] = groupFigures(
      [member("1", [["adam"]], 2), member("2", [["sgd"]], 7), member("3", [["adam"]], 4)],
      "mean",
      "minmax",
    );
    expect(a).toEqual({ id: '["adam"]', values: ["adam"], n: 2, numbers: [2, 4], value: 3, low: 2, high: 4 });
    expect(b).toMatchObject({ n: 1, value: 7, low: null, high: null });
  });

  it("deviate as in statistics' books: n - 1, Student's t", () => {
    const members = [2, 4, 4, 4, 5, 5, 7, 9].map((v, i) => member(`${i}`, [], v));
    const std = groupFigures(members, "median", "std")[0]!;
    expect(std.value).toBe(4.5);
    expect(std.high! - 5).toBeCloseTo(2.138089935, 9);
    const ci = groupFigures(members, "mean", "ci95")[0]!;
    expect(ci.high! - 5).toBeCloseTo((2.365 * 2.138089935) / Math.sqrt(8), 9);
    expect(tQuantile(100)).toBeCloseTo(1.984, 3);
    expect(tQuantile(31)).toBeCloseTo(2.0395, 3);
  });

  it("count a run with several tags in the group of each, one whose value is null apart", () => {
    const groups = groupFigures([member("1", [["a", "b"]], 1), member("2", [[null]], 3)], "mean", "none");
    expect(groups.map((g) => [g.id, g.value])).toEqual([
      ['["a"]', 1],
      ['["b"]', 1],
      ["[null]", 3],
    ]);
  });
});

describe("a figure of buckets", () => {
  it("is that of all their points", () => {
    expect(figureOf("mean", [1, 3], [10, 2])).toBe(4);
    expect(figureOf("min", [1, 0, 2], [5, Number.NaN, 4])).toBe(4);
    expect(figureOf("max", [1, 0, 2], [5, Number.NaN, 4])).toBe(5);
    expect(figureOf("max", [0], [Number.NaN])).toBeNaN();
  });
});
