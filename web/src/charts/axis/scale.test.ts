import { describe, expect, it } from "vitest";
import type { Scale } from "@/data/view/settings";
import { type Frame, frameOf, pannedRange, type Range, zoomedRange } from "./scale";

function frame(x: Range, y: Range, xScale: Scale = "linear", yScale: Scale = "linear"): Frame {
  return frameOf({ width: 408, height: 230, x, y, xScale, yScale, hasFlags: false, hasNonfinite: false });
}

const RANGES: [Scale, Range][] = [
  ["linear", [-3, 17]],
  ["log", [1e-5, 40]],
  ["symlog", [-200, 3000]],
];

describe("a frame", () => {
  it.each(RANGES)("puts the ends of a %s axis at its edges, and reads px back", (scale, range) => {
    const plot = frame(range, range, scale, scale);
    expect(plot.xPx(range[0])).toBeCloseTo(44, 9);
    expect(plot.xPx(range[1])).toBeCloseTo(388, 9);
    expect(plot.yPx(range[0])).toBeCloseTo(208, 9);
    expect(plot.yPx(range[1])).toBeCloseTo(8, 9);
    for (const px of [60, 200, 333]) {
      expect(plot.xPx(plot.xAt(px))).toBeCloseTo(px, 6);
      expect(plot.yPx(plot.yAt(px / 2))).toBeCloseTo(px / 2, 6);
    }
  });

  it("has equal room for each decade of a log axis, and keeps what it cannot show just outside", () => {
    const plot = frame([1, 1000], [1, 1000], "log", "log");
    expect(plot.xPx(10) - plot.xPx(1)).toBeCloseTo(plot.xPx(1000) - plot.xPx(100), 9);
    expect(plot.yPx(0)).toBe(plot.floor + 4);
    expect(plot.yPx(-5)).toBe(plot.floor + 4);
    expect(plot.xPx(0)).toBe(plot.left - 4);
  });

  it("is even on both sides of 0 with symlog", () => {
    const plot = frame([0, 1], [-100, 100], "linear", "symlog");
    expect(plot.yPx(0)).toBeCloseTo((plot.top + plot.floor) / 2, 9);
    expect(plot.yPx(0) - plot.yPx(7)).toBeCloseTo(plot.yPx(-7) - plot.yPx(0), 9);
  });
});

describe("moving what is shown", () => {
  it.each(RANGES.slice(0, 2))("keeps the value under the pointer of a %s axis", (scale, range) => {
    const before = frame(range, [0, 1], scale);
    const closer = frame(zoomedRange(before, 150, 0.5), [0, 1], scale);
    expect(closer.xPx(before.xAt(150))).toBeCloseTo(150, 6);
    const moved = frame(pannedRange(before, 30), [0, 1], scale);
    expect(moved.xPx(before.xAt(150))).toBeCloseTo(180, 6);
  });

  const SYMLOG_RANGES: Range[] = [
    [-200, 3000],
    [0, 1000],
    [0, 9999],
    [-1e-3, 1e5],
    [-1, 1],
    [-5e6, -3],
    [-1e-12, 1e-12],
    [40, 50],
  ];
  const PLACES = [44, 45, 60, 150, 216, 300.5, 387, 388];

  it.each(SYMLOG_RANGES)("keeps the value under the pointer of a symlog axis from %f to %f", (...range) => {
    const before = frame(range, [0, 1], "symlog");
    for (const px of PLACES)
      for (const factor of [0.2, 0.5, 0.8, 0.99, 1, 1.01, 1.25, 2]) {
        const after = frame(zoomedRange(before, px, factor), [0, 1], "symlog");
        expect(after.x[0]).toBeLessThan(after.x[1]);
        expect(Math.abs(after.xPx(before.xAt(px)) - px)).toBeLessThan(0.001);
        // as wide as asked for, by the map that one sees
        const wide = before.xPx(after.x[1]) - before.xPx(after.x[0]);
        expect(wide / (before.right - before.left)).toBeCloseTo(factor, 4);
      }
  });

  it.each(SYMLOG_RANGES)("drags the value under the pointer of a symlog axis from %f to %f", (...range) => {
    const before = frame(range, [0, 1], "symlog");
    for (const px of PLACES)
      for (const by of [-300, -30, -1, 0, 1, 30, 300]) {
        const after = frame(pannedRange(before, by, px), [0, 1], "symlog");
        const isInside = px + by >= before.left && px + by <= before.right;
        // beyond the plot there is no place under the pointer: what comes into view lies at the edge
        const from = isInside ? px : by > 0 ? before.left - by : before.right - by;
        expect(Math.abs(after.xPx(before.xAt(from)) - (from + by))).toBeLessThan(0.001);
      }
  });

  it("keeps 0 under the pointer of a symlog axis, however near one looks", () => {
    const before = frame([-200, 3000], [0, 1], "symlog");
    const zero = before.xPx(0);
    let now = before;
    for (let i = 0; i < 20; i++) now = frame(zoomedRange(now, zero, 0.8), [0, 1], "symlog");
    expect(now.x[1]).toBeLessThan(1);
    expect(now.xPx(0)).toBeCloseTo(zero, 3);
  });
});
