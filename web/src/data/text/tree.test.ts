import { describe, expect, it } from "vitest";
import { countValues, treeRows, valueText } from "./tree";

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
    expect(shown([], "")).toEqual(["lr", "model", "-backbone", "-head", "--kind", "--a.b", "empty"]);
    expect(shown(['["model","head"]'], "")).toEqual(["lr", "model", "-backbone", "-head", "empty"]);
    expect(shown(['["model"]'], "")).toEqual(["lr", "model", "empty"]);
  });

  it("shows what a search finds by path or value, under its branches, also in closed ones", () => {
    expect(shown(['["model"]'], "CONVNEXT")).toEqual(["model", "-backbone"]);
    expect(shown([], "model head kind")).toEqual(["model", "-head", "--kind"]);
    expect(shown([], "no such")).toEqual([]);
  });

  it("writes a small number as all pages do, and finds it also as it is typed", () => {
    const rows = (search: string) => treeRows({ lr: 3e-4, dim: 2048 }, new Set(), search);
    expect(rows("").map(({ text }) => text)).toEqual(["3e−4", "2,048"]);
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
