import { describe, expect, it } from "vitest";
import { countValues, treeRows } from "./tree";
import { valueText } from "./value-text";

const CONFIG = {
  lr: 0.001,
  model: { backbone: "convnext-t", head: { kind: "mlp", "a.b": [1, 2] } },
  empty: {},
};

function shown(closed: string[], search: string): string[] {
  return treeRows(CONFIG, new Set(closed), search).map((row) => `${"-".repeat(row.depth)}${row.name}`);
}

describe("a config as a tree", () => {
  it("has branches with what is in them, until they are closed", () => {
    expect(shown([], "")).toEqual(["empty", "lr", "model", "-backbone", "-head", "--a.b", "--kind"]);
    expect(shown(['["model","head"]'], "")).toEqual(["empty", "lr", "model", "-backbone", "-head"]);
    expect(shown(['["model"]'], "")).toEqual(["empty", "lr", "model"]);
  });

  it("is in the order of its names, numbers in them by their value", () => {
    const rows = treeRows({ layer10: 1, Layer2: 1, block: 1 }, new Set(), "");
    expect(rows.map(({ name }) => name)).toEqual(["block", "Layer2", "layer10"]);
  });

  it("shows what a search finds by path or value, under its branches, also in closed ones", () => {
    expect(shown(['["model"]'], "CONVNEXT")).toEqual(["model", "-backbone"]);
    expect(shown([], "model head kind")).toEqual(["model", "-head", "--kind"]);
    expect(shown([], "no such")).toEqual([]);
  });

  it("writes a small number as all pages do, and finds it also as it is typed", () => {
    const rows = (search: string) => treeRows({ lr: 3e-4, dim: 2048 }, new Set(), search);
    expect(rows("").map(({ text }) => text)).toEqual(["2,048", "3e−4"]);
    for (const typed of ["3e-4", "3e−4", "0.0003"])
      expect(rows(typed).map(({ name }) => name)).toEqual(["lr"]);
    expect(rows("2048").map(({ name }) => name)).toEqual(["dim"]);
  });

  it("marks each word where it stands", () => {
    const row = treeRows(CONFIG, new Set(), "back next").find(({ name }) => name === "backbone");
    expect(row).toMatchObject({ nameSpans: [[0, 4]], textSpans: [[4, 8]] });
  });

  it("counts values at any depth", () => {
    expect(countValues(CONFIG)).toBe(4);
  });

  it("writes lists as JSON and odd numbers as they are", () => {
    expect(valueText([1, "a"])).toBe('[1, "a"]');
    const nan = { _type: "float", value: "NaN" };
    expect(valueText(nan)).toBe("NaN");
    expect(valueText([0.5, nan, "NaN", { a: ["b,c", nan] }])).toBe('[0.5, NaN, "NaN", {"a": ["b,c", NaN]}]');
    expect(valueText({ _type: "histogram", values: [1, 2], bins: [0, 1, 2] })).toBe("histogram of 2 bins");
  });
});
