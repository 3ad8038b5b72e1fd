import { describe, expect, it } from "vitest";
import { piecesOf, rowWindow } from "./row-window";

describe("the rows of a table that are in view", () => {
  it("are those at the scroll position, and some around", () => {
    expect(rowWindow(1000, 20, 400, 100, 0)).toEqual({ height: 20_000, first: 20, end: 25, top: 400 });
    expect(rowWindow(1000, 20, 410, 100, 2)).toMatchObject({ first: 18, end: 28, top: 360 });
    expect(rowWindow(3, 20, 0, 100, 5)).toEqual({ height: 60, first: 0, end: 3, top: 0 });
    expect(rowWindow(0, 20, 0, 100, 5)).toMatchObject({ height: 0, first: 0, end: 0 });
  });

  it("can be any of a table that is taller than an element can be", () => {
    const [n, row, view] = [10_000_000, 28, 300];
    const { height } = rowWindow(n, row, 0, view, 0);
    expect(height).toBeLessThan(16_000_000);
    const last = rowWindow(n, row, height - view, view, 0);
    expect(last.end).toBe(n);
    // its end is at the end of what can be scrolled
    expect(last.top + (n - last.first) * row).toBeCloseTo(height, 3);
    const half = rowWindow(n, row, (height - view) / 2, view, 0);
    expect(Math.abs(half.first - n / 2)).toBeLessThan(20);
  });

  it("come in pieces", () => {
    expect(piecesOf({ first: 95, end: 205 }, 100)).toEqual([0, 1, 2]);
    expect(piecesOf({ first: 100, end: 200 }, 100)).toEqual([1]);
    expect(piecesOf({ first: 0, end: 0 }, 100)).toEqual([]);
  });
});
