import { describe, expect, it } from "vitest";
import { layOutSlice } from "./slice-layout";

describe("a slice", () => {
  it("has a logarithmic axis where that is asked for", () => {
    const slice = layOutSlice([1e-4, 1e-2, 1], ["a", "b", "c"], "log")!;
    const [a, b, c] = slice.fractions as unknown as [number, number, number];
    expect(slice.axis.kind).toBe("log");
    expect(b - a).toBeCloseTo(c - b, 9);
  });

  it("has categories as columns, whose runs stand apart", () => {
    const slice = layOutSlice(["adam", "adam", "sgd"], ["a", "b", "c"], "category")!;
    const [a, b, c] = slice.fractions as unknown as [number, number, number];
    expect(a).not.toBe(b);
    for (const x of [a, b]) expect(x).toBeLessThan(0.5);
    expect(c).toBeGreaterThan(0.5);
  });

  it("has no place for a run without the parameter, and is nothing without any", () => {
    const slice = layOutSlice([1, undefined, 2], ["a", "b", "c"], "linear")!;
    expect([...slice.fractions].map(Number.isNaN)).toEqual([false, true, false]);
    expect(layOutSlice([undefined], ["a"], "linear")).toBeNull();
    expect(Number.isNaN(layOutSlice(["x", undefined], ["a", "b"], "category")!.fractions[1])).toBe(true);
  });
});
