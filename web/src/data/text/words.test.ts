import { describe, expect, it } from "vitest";
import { findWords, wordRank } from "./words";

describe("words in a name", () => {
  it("are found in any order and case, and told where", () => {
    expect(findWords("brisk-heron-148", "HERON")).toEqual([[6, 11]]);
    expect(findWords("brisk-heron-148", "148 brisk")).toEqual([
      [0, 5],
      [12, 15],
    ]);
    expect(findWords("brisk-heron-148", "heron swan")).toBeNull();
  });

  it("are one place where they overlap or touch", () => {
    expect(findWords("val/loss", "val /lo los")).toEqual([[0, 7]]);
  });

  it("are all found by nothing typed", () => {
    expect(findWords("anything", "  ")).toEqual([]);
  });

  it("fit best at the start, then at a word's start", () => {
    const names = ["floss", "val/loss", "loss", "else"];
    expect(names.map((name) => wordRank(name, "loss"))).toEqual([2, 1, 0, 3]);
  });
});
