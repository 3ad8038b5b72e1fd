import { describe, expect, it } from "vitest";
import { layOutSlice } from "./slice-layout";

describe("a slice", () => {
  it("has a logarithmic axis where that is asked for", () => {
    const made = layOutSlice([1e-4, 1e-2, 1], ["a", "b", "c"], "log")!;
    const [a, b, c] = made.places as unknown as [number, number, number];
    expect(made.axis.kind).toBe("log");
    expect(b - a).toBeCloseTo(c - b, 9);
  });

  it("has categories as columns, whose runs stand apart", () => {
    const made = layOutSlice(["adam", "adam", "sgd"], ["a", "b", "c"], "category")!;
    const [a, b, c] = made.places as unknown as [number, number, number];
    expect(a).not.toBe(b);
    for (const x of [a, b]) expect(x).toBeLessThan(0.5);
    expect(c).toBeGreaterThan(0.5);
  });

  it("has no place for a run without the parameter, and is nothing without any", () => {
    const made = layOutSlice([1, undefined, 2], ["a", "b", "c"], "linear")!;
    expect([...made.places].map(Number.isNaN)).toEqual([false, true, false]);
    expect(layOutSlice([undefined], ["a"], "linear")).toBeNull();
    expect(Number.isNaN(layOutSlice(["x", undefined], ["a", "b"], "category")!.places[1])).toBe(true);
  });
});
