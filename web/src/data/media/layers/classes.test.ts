import { describe, expect, it } from "vitest";
import { boxColor, classColors, isBackground } from "./classes";

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

describe("the colors of an image's classes", () => {
  const layer = (kind: string, class_labels: Record<string, string>) => ({ kind, class_labels });

  it("are one for each name, where boxes number the classes otherwise than a mask", () => {
    const boxes = layer("boxes", { 0: "book", 1: "dvd", 2: "gift card", 3: "board game" });
    const mask = layer("mask", { 0: "background", 1: "book", 2: "dvd", 3: "gift card", 4: "board game" });
    for (const layers of [
      [boxes, mask],
      [mask, boxes],
    ])
      expect([...classColors(layers)]).toEqual([
        ["background", 1],
        ["book", 2],
        ["dvd", 3],
        ["gift card", 4],
        ["board game", 5],
      ]);
  });

  it("of boxes whose names only their file has differ from those of a mask", () => {
    const named = classColors([layer("mask", { 1: "pocket", 2: "ligand" }), layer("boxes", {})]);
    const boxes = ["donor", "acceptor"].map((label, at) => boxColor(named, { id: at + 1, label }));
    expect(new Set([...named.values(), ...boxes]).size).toBe(4);
    expect(boxColor(named, { id: 7, label: "ligand" })).toBe(named.get("ligand"));
    expect(boxColor(new Map(), { id: 4, label: "donor" })).toBe(5);
  });

  it("differ where two names have one id", () => {
    const colors = classColors([layer("boxes", { 1: "cat", 2: "dog" }), layer("mask", { 1: "dog" })]);
    expect(new Set(colors.values()).size).toBe(2);
    expect(colors.get("dog")).toBe(2);
    // of more classes than colors, each has the color of its id
    const many = Object.fromEntries(Array.from({ length: 30 }, (_, id) => [id, `c${id}`]));
    expect([...classColors([layer("mask", many)]).values()].slice(12, 15)).toEqual([1, 2, 3]);
  });
});
