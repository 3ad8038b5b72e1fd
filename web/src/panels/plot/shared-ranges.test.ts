import { describe, expect, it } from "vitest";
import { SharedRanges } from "./shared-ranges";

describe("ranges that panels share", () => {
  it("reach from the lowest to the highest end, by axis", () => {
    const shared = new SharedRanges();
    expect(shared.of("y linear")).toBeNull();
    shared.put("y linear", "loss", [0.5, 2]);
    shared.put("y linear", "acc", [0, 1]);
    shared.put("y log", "lr", [1e-5, 1e-2]);
    expect(shared.of("y linear")).toEqual([0, 2]);
    expect(shared.of("y log")).toEqual([1e-5, 1e-2]);
    shared.put("y linear", "loss", null);
    expect(shared.of("y linear")).toEqual([0, 1]);
    shared.put("y linear", "acc", null);
    expect(shared.of("y linear")).toBeNull();
  });

  it("are the same object, and nobody is told, until one changes", () => {
    const shared = new SharedRanges();
    let nTold = 0;
    shared.subscribe(() => {
      nTold += 1;
    });
    shared.put("x", "a", [0, 10]);
    const before = shared.of("x");
    shared.put("x", "b", [2, 8]);
    expect(shared.of("x")).toBe(before);
    expect(nTold).toBe(1);
    shared.put("x", "b", [2, 11]);
    expect(shared.of("x")).toEqual([0, 11]);
    expect(nTold).toBe(2);
  });
});
