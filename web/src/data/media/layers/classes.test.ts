import { describe, expect, it } from "vitest";
import { isBackground } from "./classes";

describe("the background of a mask", () => {
  it("is class 0, if it has no name or one that says so", () => {
    for (const label of [
      "",
      "background",
      "Background",
      "_background_",
      "BG",
      "void",
      "class_0",
      "un-labeled",
    ])
      expect([label, isBackground(0, label)]).toEqual([label, true]);
    for (const label of ["person", "road", "background car", "0"])
      expect([label, isBackground(0, label)]).toEqual([label, false]);
    expect(isBackground(1, "background")).toBe(false);
  });
});
