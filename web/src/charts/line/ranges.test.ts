import { describe, expect, it } from "vitest";
import type { XAxis } from "../axis/x-axis";
import { FIRST_LINE_VIEW } from "./curve";
import { xRangeOf } from "./ranges";

const STEPS: XAxis = { kind: "step", metric: "", key: "step" };

function lines(...spans: (readonly [number, number])[]) {
  return spans.map((span) => ({ span, firstAboveZero: Math.max(1, span[0]) }));
}

describe("the range of x", () => {
  const rangeOf = (...spans: (readonly [number, number])[]) =>
    xRangeOf(lines(...spans), STEPS, FIRST_LINE_VIEW);

  it("begins at 0 where that leaves the curves three quarters of the width", () => {
    expect(rangeOf([50, 200])).toEqual([0, 200]);
    expect(rangeOf([60, 200])).toEqual([60, 200]);
    expect(rangeOf([9_000, 10_000])).toEqual([9_000, 10_000]);
    expect(rangeOf([-10, 200])).toEqual([-10, 200]);
  });

  it("ends where long runs are cut off, unless an end is set or a range is zoomed into", () => {
    const all = lines([0, 398], [0, 9000]);
    const view = { ...FIRST_LINE_VIEW, cutAt: 398 };
    expect(xRangeOf(all, STEPS, view)).toEqual([0, 400]);
    expect(xRangeOf(all, STEPS, { ...view, xEnds: [null, 500] })).toEqual([0, 500]);
    expect(xRangeOf(all, STEPS, { ...view, zoom: [600, 700] })).toEqual([600, 700]);
  });
});
