import { describe, expect, it } from "vitest";
import type { Fill } from "@/data/view/settings";
import { exampleCurve, exampleFrame } from "@/testing/curves";
import { type Curve, FIRST_LINE_VIEW, type LineView } from "./curve";
import { areaBetween, leastOf } from "./fill";
import { buildChart } from "./line-build";
import { hoverAt } from "./pointer/hover";
import { curveAt } from "./pointer/pick";

/** A curve with a value at each of these steps. */
function curve(id: string, values: Readonly<Record<number, number>>): Curve {
  const mean = Float32Array.from(Object.values(values));
  return exampleCurve({ axis: "step", bucket: Uint16Array.from(Object.keys(values), Number), mean }, id);
}

function built(fill: Fill, curves: readonly Curve[], view: Partial<LineView> = {}) {
  return buildChart(curves, { ...FIRST_LINE_VIEW, axis: "step", fill, ...view });
}

const numbers = (values: Float64Array | null) => [...(values ?? [])];

describe("areas", () => {
  it("reach to zero, which is then in the range", () => {
    const { lines, y } = built("area", [curve("a", { 0: 5, 10: 6 })]);
    expect(numbers(lines[0]!.under)).toEqual([0, 0]);
    expect(y[0]).toBe(0);
    expect(built("area", [curve("a", { 0: -5, 10: -6 })]).y[1]).toBeGreaterThanOrEqual(0);
    expect(built("none", [curve("a", { 0: 5, 10: 6 })]).y[0]).toBeGreaterThan(4);
  });

  it("on a logarithmic axis need no zero", () => {
    const { y } = built("area", [curve("a", { 0: 5, 10: 6 })], { yScale: "log" });
    expect(y[0]).toBeGreaterThan(0);
  });

  it("have a point where two lines cross", () => {
    const area = areaBetween(Float64Array.of(0, 10), Float64Array.of(4, -4), new Float64Array(2), 2);
    expect(area.n).toBe(3);
    expect(numbers(area.x)).toEqual([0, 5, 10]);
    expect(numbers(area.top)).toEqual([0, 0, -4]);
    expect(numbers(area.bottom)).toEqual([4, 0, 0]);
  });
});

describe("stacked curves", () => {
  const first = curve("first", { 0: 1, 4: 5 });
  const second = curve("second", { 0: 10, 2: 20, 8: 20 });

  it("stand on each other at all places of both, the first on top, each as far as it goes", () => {
    const { lines, y } = built("stacked", [first, second]);
    const [top, ground] = lines as [(typeof lines)[number], (typeof lines)[number]];
    expect(numbers(ground.x)).toEqual([0, 2, 4, 8]);
    expect(numbers(ground.y)).toEqual([10, 20, 20, 20]);
    expect(numbers(ground.under)).toEqual([0, 0, 0, 0]);
    expect(numbers(top.x)).toEqual([0, 2, 4]);
    expect(numbers(top.drawn)).toEqual([1, 3, 5]);
    expect(numbers(top.under)).toEqual([10, 20, 20]);
    expect(numbers(top.y)).toEqual([11, 23, 25]);
    expect(y[0]).toBe(0);
    expect(y[1]).toBeGreaterThanOrEqual(25);
    expect(lines.map((line) => leastOf(line, [0, 8]))).toEqual([1, 10]);
    expect(lines.map((line) => leastOf(line, [2, 8]))).toEqual([3, 20]);
    expect(leastOf(top, [5, 8])).toBeNaN();
  });

  it("in percent fill the chart wherever there is a curve, negative values as nothing", () => {
    const { lines, y } = built("percent", [first, second, curve("below", { 0: -3, 8: -3 })]);
    expect(y).toEqual([0, 100]);
    expect(numbers(lines[0]!.y).map((v) => Math.round(v))).toEqual([100, 100, 100]);
    expect(numbers(lines[1]!.y).map((v) => Math.round(v))).toEqual([91, 87, 80, 100]);
    expect(numbers(lines[2]!.y)).toEqual([0, 0, 0, 0]);
    expect(numbers(built("percent", [curve("a", { 0: 0, 1: 0 })]).lines[0]!.y)).toEqual([0, 0]);
  });

  it("are read and picked by their areas, with their own values", () => {
    const chart = built("percent", [first, second]);
    const frame = exampleFrame(44 + 20 + 80, 8 + 22 + 100, [0, 8], chart.y);
    const px = frame.xPx(4);
    const hover = hoverAt(chart, frame, px, frame.yPx(40), 7);
    expect(hover?.near?.line.id).toBe("second");
    expect(hover?.rows.map(({ id, value, percent }) => [id, value, percent])).toEqual([
      ["first", "5", "20.0 %"],
      ["second", "20", "80.0 %"],
    ]);
    expect(curveAt(chart.lines, frame, px, frame.yPx(90))?.id).toBe("first");
    expect(curveAt(chart.lines, frame, px, frame.yPx(30))?.id).toBe("second");
  });

  it("of thousands of places keep some of them, and their ends", () => {
    const many = (id: string, from: number) =>
      curve(id, Object.fromEntries(Array.from({ length: 3000 }, (_, i) => [from + 2 * i, 1])));
    const { lines } = built("stacked", [many("even", 0), many("odd", 1)]);
    for (const [line, begin, end] of [
      [lines[0]!, 0, 5998],
      [lines[1]!, 1, 5999],
    ] as const) {
      expect(line.x.length).toBeLessThan(2100);
      expect([line.x[0], line.x[line.x.length - 1]]).toEqual([begin, end]);
    }
  });

  it("without points are nothing", () => {
    expect(built("stacked", [curve("empty", {})]).lines[0]!.x.length).toBe(0);
    expect(built("percent", []).lines).toEqual([]);
  });
});
