import { describe, expect, it } from "vitest";
import { boxText, countByClass, drawnBoxes, onImage, readBoxes, scoreChoice, scoreRanges } from "./boxes";

const FILE = {
  box_data: [
    { position: { minX: 0.1, maxX: 0.3, minY: 0.2, maxY: 0.6 }, class_id: 1, scores: { iou: 0.9, p: 0.5 } },
    { position: { middle: [50, 100], width: 20, height: 40 }, domain: "pixel", class_id: 2 },
    { position: { minX: 0, maxX: 1, minY: 0, maxY: "1" }, class_id: 1 },
    { position: { minX: 0, maxX: 1, minY: 0, maxY: 1 }, box_caption: "all of it", scores: { p: "high" } },
    null,
  ],
  class_labels: { 1: "cat" },
};
const SIZE = { width: 200, height: 400 };

describe("boxes of a file", () => {
  it("are fractions of the image, of corners and of middles, and those without a position are left out", () => {
    const boxes = readBoxes(FILE, SIZE);
    expect(boxes.map(({ label }) => label)).toEqual(["cat", "class 2", ""]);
    const [first, second] = boxes.map(({ x, y, width, height }) => [x, y, width, height]);
    for (const [i, value] of [0.1, 0.2, 0.2, 0.4].entries()) expect(first![i]).toBeCloseTo(value);
    expect(second).toEqual([0.2, 0.2, 0.1, 0.1]);
  });

  it("in pixels need the image's size", () => {
    expect(readBoxes(FILE, null).map(({ label }) => label)).toEqual(["cat", ""]);
  });

  it("of another format are none", () => {
    for (const file of [null, 3, "x", [], {}, { box_data: {} }, { box_data: "boxes" }])
      expect(readBoxes(file, SIZE)).toEqual([]);
  });

  it("say their caption, else their class and first score", () => {
    expect(readBoxes(FILE, SIZE).map(boxText)).toEqual(["cat 0.90", "class 2", "all of it"]);
  });

  it("are cut where the image ends", () => {
    const cut = (x: number, y: number, width: number, height: number) =>
      onImage({ x, y, width, height, id: null, label: "", caption: "", scores: {} });
    expect(cut(-0.5, 0.25, 1, 0.5)).toEqual({ x: 0, y: 0.25, width: 0.5, height: 0.5 });
    expect(cut(0.5, 0.5, 3, 3)).toEqual({ x: 0.5, y: 0.5, width: 0.5, height: 0.5 });
    expect(cut(1.5, 0, 1, 1)).toBeNull();
    expect(cut(0.5, 0.5, -1, 1)).toBeNull();
  });

  it("are drawn if their class is on and no score is too low", () => {
    const boxes = readBoxes(FILE, SIZE);
    const drawn = (offClasses: string[], minScores: Record<string, number>) =>
      drawnBoxes(boxes, { offClasses, minScores }).map(boxText);
    expect(drawn(["class 2"], {})).toEqual(["cat 0.90", "all of it"]);
    expect(drawn([], { p: 0.6 })).toEqual(["class 2", "all of it"]);
    expect(drawn([], { p: 0.5, iou: 0.9 })).toHaveLength(3);
    expect([...scoreRanges(boxes)]).toEqual([
      ["iou", [0.9, 0.9]],
      ["p", [0.5, 0.5]],
    ]);
  });

  it("are counted by class as far as their scores are drawn", () => {
    const boxes = readBoxes(FILE, SIZE);
    expect([...countByClass(boxes, {})]).toEqual([
      ["cat", { id: 1, n: 1 }],
      ["class 2", { id: 2, n: 1 }],
    ]);
    expect(countByClass(boxes, { p: 0.6 }).get("cat")).toEqual({ id: 1, n: 0 });
  });

  it("offer no least score where all have the same, and else one that shows those chosen", () => {
    expect(scoreChoice([0.84, 0.84], undefined)).toBeNull();
    expect(scoreChoice([0.2, 0.9], undefined)).toEqual([0.2, 0.9]);
    // chosen at another step
    expect(scoreChoice([0.84, 0.84], 0.9)).toEqual([0.84, 0.9]);
    expect(scoreChoice([0.5, 0.84], 0.3)).toEqual([0.3, 0.84]);
  });
});
