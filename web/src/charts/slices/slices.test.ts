import { describe, expect, it } from "vitest";
import { layOutSlice, type SlicePoint } from "./slice-layout";

const Y = { kind: "linear", lo: 0, hi: 10 } as const;

function point(id: string, x: unknown, y: number): SlicePoint {
  return { id, x, y, time: 0, isIn: true };
}

describe("a slice", () => {
  it("has a logarithmic axis where that is asked for", () => {
    const made = layOutSlice([point("a", 1e-4, 1), point("b", 1e-2, 5), point("c", 1, 9)], "log", Y)!;
    const [a, b, c] = made.dots;
    expect(made.x.kind).toBe("log");
    expect(b!.x - a!.x).toBeCloseTo(c!.x - b!.x, 9);
    expect(b!.y).toBe(0.5);
  });

  it("has categories as columns, whose runs stand apart", () => {
    const made = layOutSlice(
      [point("a", "adam", 1), point("b", "adam", 1), point("c", "sgd", 1)],
      "category",
      Y,
    )!;
    const [a, b, c] = made.dots.map(({ x }) => x) as [number, number, number];
    expect(a).not.toBe(b);
    for (const x of [a, b]) expect(x).toBeLessThan(0.5);
    expect(c).toBeGreaterThan(0.5);
  });

  it("leaves out runs without the parameter, and is nothing without any", () => {
    expect(layOutSlice([point("a", 1, 1), point("b", undefined, 2)], "linear", Y)!.dots).toHaveLength(1);
    expect(layOutSlice([point("a", undefined, 1)], "linear", Y)).toBeNull();
  });
});
