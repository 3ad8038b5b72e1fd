import { describe, expect, it } from "vitest";
import type { XAxis } from "../axis/x-axis";
import { FIRST_LINE_VIEW, type LineView } from "./curve";
import { ownXOf, ownYOf, xRangeOf, yRangeOf } from "./ranges";

const STEPS: XAxis = { kind: "step", metric: "", key: "step" };

function lines(...spans: (readonly [number, number])[]) {
  return spans.map((span) => ({ span, firstAboveZero: Math.max(1, span[0]) }));
}

describe("the range of x", () => {
  const shownOf = (all: ReturnType<typeof lines>, view: LineView) => xRangeOf(ownXOf(all, STEPS, view), view);
  const rangeOf = (...spans: (readonly [number, number])[]) => shownOf(lines(...spans), FIRST_LINE_VIEW);

  it("has room for the dots of curves of one point where it begins", () => {
    expect(rangeOf([0, 0], [0, 100])).toEqual([-2, 100]);
    expect(rangeOf([0, 100], [50, 50])).toEqual([0, 100]);
    expect(rangeOf([0, 0])).toEqual([-0.5, 0.5]);
  });

  it("begins at 0 where that leaves the curves three quarters of the width", () => {
    expect(rangeOf([50, 200])).toEqual([0, 200]);
    expect(rangeOf([60, 200])).toEqual([60, 200]);
    expect(rangeOf([9_000, 10_000])).toEqual([9_000, 10_000]);
    expect(rangeOf([-10, 200])).toEqual([-10, 200]);
  });

  it("ends where long runs are cut off, unless an end is set or a range is zoomed into", () => {
    const all = lines([0, 398], [0, 9000]);
    const view = { ...FIRST_LINE_VIEW, cutAt: 398 };
    expect(shownOf(all, view)).toEqual([0, 400]);
    expect(shownOf(all, { ...view, xEnds: [null, 500] })).toEqual([0, 500]);
    expect(shownOf(all, { ...view, zoom: [600, 700] })).toEqual([600, 700]);
  });

  it("is that of several charts together, unless an end is set or a range is zoomed into", () => {
    const view: LineView = { ...FIRST_LINE_VIEW, sharedX: [0, 900], sharedY: [-1, 5] };
    expect(xRangeOf([0, 200], view)).toEqual([0, 900]);
    expect(xRangeOf([0, 200], { ...view, xEnds: [10, null] })).toEqual([10, 900]);
    expect(xRangeOf([0, 200], { ...view, zoom: [3, 4] })).toEqual([3, 4]);
    expect(yRangeOf([0, 1], view)).toEqual([-1, 5]);
    expect(yRangeOf([0, 1], { ...view, yEnds: [null, 2] })).toEqual([-1, 2]);
  });
});

it("of y has room around values that differ by their rounding alone", () => {
  for (const yScale of ["linear", "log"] as const) {
    const y = ownYOf([], [0, 1], { ...FIRST_LINE_VIEW, yScale, bounds: [1.1, 1.1 + 4e-16] });
    expect(y[1] - y[0]).toBeGreaterThan(0.1);
  }
});

it("of y has a width also where values are as small or as large as numbers can be", () => {
  const [least, most] = ownYOf([], [0, 1], { ...FIRST_LINE_VIEW, bounds: [1e-311, 2e-310] });
  expect(300 / (most - least)).toBeLessThan(Number.POSITIVE_INFINITY);
  for (const bounds of [
    [0, 1.79e308],
    [-1.79e308, 1.79e308],
  ] as const) {
    const [lo, hi] = ownYOf([], [0, 1], { ...FIRST_LINE_VIEW, bounds });
    expect(hi - lo).toBeGreaterThan(1e308);
    expect(hi - lo).toBeLessThan(Number.POSITIVE_INFINITY);
  }
});
