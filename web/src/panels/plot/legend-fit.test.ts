import { describe, expect, it } from "vitest";
import { fitLegend } from "./legend-fit";

describe("the legend above a chart", () => {
  it("is one line as long as all names fit", () => {
    expect(fitLegend([60, 60, 60], 310)).toEqual({ nLines: 1, namePx: 160, n: 3 });
    expect(fitLegend([], 310)).toMatchObject({ nLines: 1, n: 0 });
  });

  it("takes a second line, then cuts names, before it leaves one out", () => {
    expect(fitLegend([120, 90, 120], 310)).toEqual({ nLines: 2, namePx: 160, n: 3 });
    expect(fitLegend(Array(4).fill(150), 310)).toEqual({ nLines: 2, namePx: 110, n: 4 });
  });

  it("tells five of ten long names in 310 px, and the number of the others", () => {
    expect(fitLegend(Array(10).fill(150), 310)).toEqual({ nLines: 2, namePx: 62, n: 5 });
    expect(fitLegend([500, 500], 120)).toMatchObject({ n: 2 });
    expect(fitLegend(Array(40).fill(400), 60)).toMatchObject({ n: 1 });
  });
});
