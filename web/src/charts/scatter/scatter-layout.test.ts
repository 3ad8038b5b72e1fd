import { describe, expect, it } from "vitest";
import { endText, layOutScatter, type ScatterPoint, type ScatterView, tintLevels } from "./scatter-layout";

const view: ScatterView = {
  xScale: "auto",
  yScale: "auto",
  isParameterX: true,
  isParameterY: false,
  isParameterTint: false,
  levelColors: {},
  xLabel: "lr",
  tintLabel: null,
  hasFit: false,
};

function point(id: string, x: unknown, y: unknown, tint?: unknown): ScatterPoint {
  return { id, name: id, color: 3, isShown: true, x, y, tint };
}

describe("a scatter chart", () => {
  it("has the runs that have both values, by magnitude where a parameter is", () => {
    const layout = layOutScatter(
      [point("a", 1e-4, 0.5), point("b", 1e-3, 0.6), point("c", 1e-2, 0.7), point("d", null, 0.6)],
      view,
    )!;
    expect(layout.x.kind).toBe("log");
    expect(layout.dots.map((d) => d.id)).toEqual(["a", "b", "c"]);
    expect(layout.dots[1]!.x).toBeCloseTo(0.5, 9);
    expect(layout.dots[0]).toMatchObject({ color: 3, ramp: null });
    expect(layOutScatter([point("a", null, 1)], view)).toBeNull();
  });

  it("tints by a ramp of numbers, and by colors of texts", () => {
    const points = [point("a", 1, 1, 10), point("b", 2, 2, 20), point("c", 3, 3, null)];
    const tinted = layOutScatter(points, { ...view, tintLabel: "hours" })!;
    expect(tinted.dots.map((d) => d.ramp)).toEqual([0, 1, null]);
    const texts = points.map((p, i) => ({ ...p, tint: ["x", "y", "x"][i] }));
    expect(
      tintLevels(
        texts.map((p) => p.tint),
        true,
      ),
    ).toEqual(["x", "y"]);
    const named = layOutScatter(texts, { ...view, tintLabel: "loss", levelColors: { x: 5, y: 6 } })!;
    expect(named.dots.map((d) => d.color)).toEqual([5, 6, 5]);
    expect(named.ramp).toBeNull();
  });

  it("has the ends of its ramp, of one number alone that number", () => {
    const points = [point("a", 1, 1, 2048), point("b", 2, 2, 2048), point("c", 3, 3, null)];
    const tinted = { ...view, tintLabel: "batch" };
    const ends = (points: readonly ScatterPoint[]) => layOutScatter(points, tinted)!.rampEnds;
    expect(ends(points)).toEqual([2048, 2048]);
    expect(ends([...points, point("d", 4, 4, 4096)])).toEqual([2048, 4096]);
    expect(layOutScatter(points, view)!.rampEnds).toBeNull();
  });

  it("fits a straight line by least squares", () => {
    const on = [point("a", 1, 10), point("b", 2, 20), point("c", 3, 30)];
    const { fit } = layOutScatter(on, { ...view, hasFit: true })!;
    expect(fit![0]).toBeCloseTo(0, 9);
    expect(fit![1]).toBeCloseTo(1, 9);
    expect(layOutScatter(on.slice(0, 2), { ...view, hasFit: true })!.fit).toBeNull();
  });
});

it("has the ends of its ramp in digits as far as they have room", () => {
  expect([2048.0000000002, 256, 0.0123456, 131_072].map(endText)).toEqual(["2,048", "256", "0.0123", "131k"]);
});
