import { describe, expect, test } from "vitest";
import { moved, NO_ZOOM, zoomedAt } from "./zoom";

describe("zoom", () => {
  test("the point under the cursor stays where it is", () => {
    const zoom = zoomedAt(NO_ZOOM, { x: 0.25, y: 0.5 }, 4);
    expect(zoom.scale).toBe(4);
    // a quarter of the width from the left was at 0.25 of the content
    expect(zoom.x + 0.25 * 4).toBeCloseTo(0.25);
    expect(zoom.y + 0.5 * 4).toBeCloseTo(0.5);
  });
  test("back to the whole leaves nothing moved", () => {
    const zoom = zoomedAt(zoomedAt(NO_ZOOM, { x: 0.9, y: 0.1 }, 8), { x: 0.2, y: 0.7 }, 1 / 8);
    expect(zoom).toEqual(NO_ZOOM);
    expect(zoomedAt(NO_ZOOM, { x: 0.5, y: 0.5 }, 0.1)).toEqual(NO_ZOOM);
  });
  test("no edge comes into the stage", () => {
    const zoom = moved(zoomedAt(NO_ZOOM, { x: 0, y: 0 }, 2), -5, 5);
    expect(zoom).toEqual({ scale: 2, x: -1, y: 0 });
    expect(moved(NO_ZOOM, 0.5, 0.5)).toEqual(NO_ZOOM);
  });
});
