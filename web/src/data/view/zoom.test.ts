import { describe, expect, it } from "vitest";
import { makePanel } from "./panel";
import { FIRST_VIEW, type View } from "./view";
import { isZoomed, withZoom, zoomOf } from "./zoom";

const loss = makePanel("a", "line", "");
const acc = makePanel("b", "line", "val");

function zoomed(view: View, panel: typeof loss, range: readonly [number, number], drawn: string): View {
  return { ...view, ...withZoom(view, panel, range, drawn) };
}

describe("the zoom of panels whose x axis is as defined", () => {
  it("is that of all panels with the axis that is drawn", () => {
    const view = zoomed(FIRST_VIEW, loss, [3.2, 9.7], "step");
    expect(zoomOf(view, acc, "step")).toEqual([3, 10]);
    expect(zoomOf(view, acc, "metric:epoch")).toBeNull();
    const both = zoomed(view, acc, [1.234567, 2.5], "metric:epoch");
    expect(zoomOf(both, loss, "metric:epoch")).toEqual([1.2346, 2.5]);
    expect(zoomOf(both, loss, "step")).toEqual([3, 10]);
  });

  it("is shared with panels for which the same axis was chosen", () => {
    const view = zoomed({ ...FIRST_VIEW, settings: { axis: "step" } }, loss, [3, 9], "step");
    expect(zoomOf({ ...view, settings: {} }, acc, "step")).toEqual([3, 9]);
    const chosen = { axis: "metric", axisBy: "epoch" } as const;
    const epochs = zoomed({ ...FIRST_VIEW, settings: chosen }, loss, [1, 2], "step");
    expect(zoomOf({ ...epochs, settings: {} }, acc, "metric:epoch")).toEqual([1, 2]);
  });
});

describe("whether a view is zoomed", () => {
  const view = zoomed(FIRST_VIEW, loss, [3, 9], "metric:epoch");

  it("is said of axes that panels have", () => {
    expect(isZoomed(FIRST_VIEW, ["step"])).toBe(false);
    expect(isZoomed(view, ["step", "metric:epoch"])).toBe(true);
    expect(isZoomed(view, ["step"])).toBe(false);
    expect(isZoomed({ ...view, settings: { axis: "time" } }, ["step", "metric:epoch"])).toBe(false);
  });

  it("is said of an axis of a section or a panel alone", () => {
    const byTime = { ...view, settings: { axis: "time" } as const };
    const byEpoch = { axis: "metric", axisBy: "epoch" } as const;
    expect(isZoomed({ ...byTime, sections: { val: { settings: byEpoch } } }, ["step"])).toBe(true);
    expect(isZoomed({ ...byTime, panels: { a: { ...loss, settings: byEpoch } } }, ["step"])).toBe(true);
  });

  it("is said of a panel's own zoom while panels are not in step", () => {
    const own = zoomed({ ...FIRST_VIEW, isSynced: false }, loss, [3, 9], "step");
    expect(isZoomed(own, ["step"])).toBe(true);
    expect(isZoomed({ ...own, isSynced: true }, ["step"])).toBe(false);
  });
});
