import { describe, expect, it } from "vitest";
import { isTruth, layerStrokes } from "./strokes";

describe("strokes of layers", () => {
  it("dash the truth, whatever the order and the words", () => {
    for (const truth of ["ground_truth", "gt", "labels", "target", "y_gt", "Ground Truth"])
      for (const names of [
        [truth, "pred"],
        ["pred", truth],
      ]) {
        const strokes = layerStrokes(names);
        expect([strokes.get(truth), strokes.get("pred")]).toEqual(["dashed", "solid"]);
      }
    expect(isTruth("weights")).toBe(false);
    expect(isTruth("predictions")).toBe(false);
  });

  it("differ between layers of which none or all are the truth, and leave a single one solid", () => {
    expect([...layerStrokes(["a", "b", "c"]).values()]).toEqual(["solid", "dashed", "dotted"]);
    expect([...layerStrokes(["gt_a", "gt_b"]).values()]).toEqual(["solid", "dashed"]);
    expect([...layerStrokes(["ground_truth"]).values()]).toEqual(["solid"]);
  });
});
