import { describe, expect, it } from "vitest";
import type { MediaSeries } from "@/api/files/media";
import { xText } from "../../over-runs/object-axis";
import { columnCount, columnWidth, evenly, groupsAt, stepRows } from "./step-cells";

const RUNS = ["a", "b", "c"].map((id) => ({ id, name: id, color: 1, isLive: false }));

function media(run: string, x: number, key = "img"): MediaSeries {
  const items = [{}] as unknown as MediaSeries["items"];
  return { run, key, step: x * 10, x, axis_metric: "", newer_step: null, time_micros: 0, items, n_items: 1 };
}

const COLUMNS = [1, 4, 8];
const ROWS = stepRows(RUNS, ["img", "other"], COLUMNS, [
  media("c", 1),
  media("a", 3),
  media("c", 4),
  media("a", 8),
  media("c", 8, "other"),
  media("c", 9),
]);

describe("media in columns of x", () => {
  it("have columns over all x, with both ends", () => {
    const steps = Array.from({ length: 101 }, (_, n) => n * 10);
    expect(evenly(steps, 5)).toEqual([0, 250, 500, 750, 1000]);
    expect(evenly([1, 2, 3], 5)).toEqual([1, 2, 3]);
    expect(new Set(evenly(steps, 100)).size).toBe(100);
    expect(evenly([1, 2, 3], 1)).toEqual([3]);
    expect(evenly([], 5)).toEqual([]);
  });

  it("have as many columns as fit, and as the server answers at once", () => {
    expect(columnCount(1200, 160, 4)).toBe(10);
    expect(columnCount(1200, 40, 50)).toBe(20);
    expect(columnCount(1200, 160, 1000)).toBe(1);
    expect(columnWidth(1200, 160, 10)).toBe(120);
    expect(columnWidth(1200, 160, 2)).toBe(240);
    // on a phone they scroll
    expect(columnCount(280, 160, 4)).toBe(5);
    expect(columnWidth(280, 160, 5)).toBe(80);
    expect(columnWidth(0, 160, 0)).toBe(80);
  });

  it("stand in the first column from their x on, run by run; runs without any are left out", () => {
    const xs = ROWS.map(({ run, key, cells }) => [run.id, key, cells.map((cell) => cell?.x ?? null)]);
    expect(xs).toEqual([
      ["a", "img", [null, 3, 8]],
      ["c", "img", [1, 4, null]],
      ["c", "other", [null, null, 8]],
    ]);
  });

  it("are compared over the page with the last of each row up to a column", () => {
    expect(groupsAt(ROWS, 0).map(({ step, items }) => [step, items.length])).toEqual([
      [null, 0],
      [10, 1],
      [null, 0],
    ]);
    expect(groupsAt(ROWS, 2).map(({ step }) => step)).toEqual([80, 40, 80]);
  });
});

it("no media is before its run: the first rows of a run can be so by the error of its clock", () => {
  expect([-428_238, 0, 1_500_000].map((x) => xText({ axis: "time" }, x))).toEqual(["0", "0", "1.5s"]);
  expect(xText({ axis: "metric", axis_metric: "lr" }, -0.5)).toBe("\u22120.5");
});
