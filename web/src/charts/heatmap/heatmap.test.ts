import { describe, expect, it } from "vitest";
import { formatTick } from "@/data/text/format";
import { columnAt, columnRanges, heatRange, layOutHeatMap, rebinned, strengthOf } from "./heatmap-layout";
import { valuesTicks } from "./values-axis";

const histogram = (x: number, edges: number[], counts: number[]) => ({
  x,
  from: x,
  to: x + 10,
  edges,
  counts,
  nNonfinite: 0,
});

describe("histograms over steps", () => {
  it("are counted on bins that all share, without losing any", () => {
    const bins = rebinned(histogram(0, [0, 1, 2], [10, 20]), -1, 3, 8);
    expect([...bins]).toEqual([0, 0, 5, 5, 10, 10, 0, 0]);
    const uneven = rebinned(histogram(0, [-0.37, 0.11, 2.9], [7, 5]), -0.37, 2.9, 5);
    expect(uneven.reduce((a, b) => a + b)).toBeCloseTo(12, 9);
    expect([...rebinned(histogram(0, [1, 1.0001], [4]), 0, 2, 2)]).toEqual([0, 4]);
  });

  it("share the range of all", () => {
    const map = layOutHeatMap([histogram(0, [0, 1], [3]), histogram(10, [-2, 0], [8])], 3)!;
    expect([map.lo, map.hi]).toEqual([-2, 1]);
    expect(map.columns.map((c) => [...c.cells])).toEqual([
      [0, 0, 3],
      [4, 4, 0],
    ]);
    expect(map.most).toBe(4);
    expect(columnAt(map, 9)).toBe(0);
    expect(columnAt(map, 10)).toBe(1);
    expect(columnAt(map, 99)).toBe(1);
    expect(layOutHeatMap([histogram(0, [0, 1], [0])], 3)).toBeNull();
  });

  it("stand around their own x, and none beyond the last", () => {
    expect(columnRanges([0, 10, 40])).toEqual([
      [0, 5],
      [5, 25],
      [25, 40],
    ]);
    expect(columnRanges([7])).toEqual([[6.5, 7.5]]);
    expect(columnRanges([])).toEqual([]);
  });

  it("leave room around a single one, and none around several", () => {
    const [lo, hi] = heatRange([{ from: 1999.5, to: 2000.5 }]);
    expect(1 / (hi - lo)).toBeLessThan(0.1);
    expect((lo + hi) / 2).toBe(2000);
    expect(
      heatRange([
        { from: 0, to: 5 },
        { from: 5, to: 25 },
      ]),
    ).toEqual([0, 25]);
  });

  it("have no tick that reads as the one before", () => {
    const textOf = (x: number) => formatTick(x);
    const texts = valuesTicks(2000, 2001, 400, textOf).map(({ text }) => text);
    expect(texts.length).toBeGreaterThan(0);
    expect(new Set(texts).size).toBe(texts.length);
    expect(valuesTicks(0, 40_000, 400, textOf).map(({ text }) => text)).toEqual([
      "0",
      "10k",
      "20k",
      "30k",
      "40k",
    ]);
  });

  it("show a few values among many", () => {
    expect(strengthOf(0, 1000)).toBe(0);
    expect(strengthOf(1000, 1000)).toBe(1);
    expect(strengthOf(1, 1000)).toBeGreaterThan(0.05);
  });
});
