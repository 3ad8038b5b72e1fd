import { describe, expect, it } from "vitest";
import { tipCorner } from "./tip-corner";

const BOX = { offsetWidth: 240, offsetHeight: 100 };

describe("the corner of a tooltip", () => {
  it("is right of the mark, left of it at the right edge", () => {
    const page = { innerWidth: 1000, innerHeight: 800 };
    expect(tipCorner({ left: 100, top: 300 }, BOX, page)).toEqual({ x: 114, y: 250 });
    expect(tipCorner({ left: 900, top: 300 }, BOX, page)).toEqual({ x: 646, y: 250 });
    expect(tipCorner({ left: 100, top: 790 }, BOX, page).y).toBe(692);
  });

  it("is above the mark on a narrow page, below it at the upper edge, and never over it", () => {
    const page = { innerWidth: 390, innerHeight: 844 };
    expect(tipCorner({ left: 200, top: 300 }, BOX, page)).toEqual({ x: 80, y: 186 });
    expect(tipCorner({ left: 200, top: 60 }, BOX, page)).toEqual({ x: 80, y: 74 });
  });
});
