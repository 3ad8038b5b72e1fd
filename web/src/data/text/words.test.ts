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

  it("fit best as the name itself, then as its last part, whole, at the start of words, inside", () => {
    const names = ["loss", "val/loss", "atom_loss/C", "losses", "floss", "else"];
    expect(names.map((name) => wordRank(name, "Loss"))).toEqual([0, 1, 2, 3, 4, 5]);
    expect(wordRank("process.roc_auc", "roc")).toBe(2);
    expect(wordRank("größe", "große")).toBe(5);
    expect(wordRank("val/loss", "loss val")).toBe(2);
    expect(wordRank("val/loss", "lo val")).toBe(3);
    expect(wordRank("anything", "")).toBe(2);
  });
});
