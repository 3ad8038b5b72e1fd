import { describe, expect, it } from "vitest";
import {
  brushAt,
  curveDistance,
  isInBrush,
  layOutParallel,
  type ParallelRow,
  snapped,
} from "./parallel-layout";

const columns = [
  { column: "config.lr", label: "lr", isParameter: true, scale: "auto" },
  { column: "config.loss", label: "loss", isParameter: true, scale: "auto" },
  { column: "summary.acc", label: "acc", isParameter: false, scale: "auto" },
] as const;

function row(id: string, values: readonly unknown[], isShown = true): ParallelRow {
  return { id, name: id, color: 1, isShown, values };
}

const rows = [
  row("a", [1e-4, "ce", 0.5]),
  row("b", [1e-2, "focal", 0.9]),
  row("c", [1e-3, "ce", "NaN"]),
  row("d", [1e-3, "ce", 0.7], false),
];

describe("parallel coordinates", () => {
  it("place each value on its axis, with a gap where there is none", () => {
    const { axes, curves } = layOutParallel(columns, rows, {}, { column: "summary.acc", isLowBest: false });
    expect(axes.map((a) => a.axis.kind)).toEqual(["log", "category", "linear"]);
    const byId = new Map(curves.map((c) => [c.id, c]));
    expect(byId.get("b")!.fractions[2]).toBe(1);
    expect(byId.get("c")!.fractions[0]).toBeCloseTo(0.5, 9);
    expect(byId.get("c")!.fractions[2]).toBeNull();
    expect(byId.get("a")!.ramp).toBe(0);
    const low = layOutParallel(columns, rows, {}, { column: "summary.acc", isLowBest: true }).curves;
    expect(low.find(({ id }) => id === "a")!.ramp).toBe(1);
    expect(low.find(({ id }) => id === "b")!.ramp).toBe(0);
    expect(low.find(({ id }) => id === "c")!.ramp).toBeNull();
  });

  it("keep what all brushes keep, and never a hidden run", () => {
    const brushes = { "summary.acc": { lo: 0.6, hi: 1 }, "config.loss": { levels: ["focal", "ce"] } };
    const { curves, axes } = layOutParallel(columns, rows, brushes, null);
    expect(curves.filter((c) => c.isIn).map((c) => c.id)).toEqual(["b"]);
    expect(curves[curves.length - 1]!.id).toBe("b");
    expect(axes[2]!.brush![0]).toBeCloseTo(0.25, 9);
    expect(axes[1]!.brush).toEqual([0, 1]);
  });

  it("leave out a column that no run has", () => {
    const none = rows.map((r) => ({ ...r, values: [...r.values.slice(0, 2), null] }));
    expect(layOutParallel(columns, none, {}, null).axes).toHaveLength(2);
  });
});

describe("a brush", () => {
  it("is a range of numbers, whole at the ends of the axis", () => {
    const axis = { kind: "linear", lo: 0.123456789, hi: 1 } as const;
    expect(brushAt(axis, 0, 0.5)).toEqual({ lo: 0.123456789, hi: 0.5617 });
    expect(brushAt(axis, 0.4, 0.4)).toBeNull();
  });

  it("of texts keeps those whose middle it covers", () => {
    const axis = { kind: "category", levels: ["a", "b", "c", "d"] } as const;
    expect(brushAt(axis, 0.7, 0.2)).toEqual({ levels: ["b", "c"] });
    expect(brushAt(axis, 0.2, 0.3)).toBeNull();
  });

  it("keeps no run without a value", () => {
    expect(isInBrush(null, { lo: 0, hi: 1 })).toBe(false);
    expect(isInBrush("NaN", { lo: 0, hi: 1 })).toBe(false);
    expect(isInBrush(0.5, undefined)).toBe(true);
  });
});

describe("the curve under the pointer", () => {
  it("is met in its middle, and not across a gap", () => {
    const xPx = (i: number) => i * 100;
    const yPx = (fraction: number) => fraction * 50;
    expect(curveDistance([0, 1, null], xPx, yPx, [50, 25])).toBe(0);
    expect(curveDistance([0, 1, null], xPx, yPx, [0, 10])).toBe(10);
    expect(curveDistance([0, 1, null], xPx, yPx, [150, 25])).toBe(Infinity);
  });

  it("have brushes that reach the end of an axis which they end near to", () => {
    expect([0.01, 0.5, 0.985].map((fraction) => snapped(fraction, 0.02))).toEqual([0, 0.5, 1]);
    const { axes } = layOutParallel(columns, rows, {}, null);
    const { axis } = axes[2]!;
    expect(brushAt(axis, snapped(0.01, 0.02), snapped(0.7, 0.02))).toMatchObject({ lo: 0.5 });
  });
});
