import { describe, expect, it } from "vitest";
import { makePanel } from "@/data/view/panel";
import { brushesOn, parallelOptions, withBrush } from "./options";

describe("options of parallel coordinates", () => {
  it("survive being JSON, and drop what does not fit", () => {
    const options = {
      columns: ["config.lr", 3, "summary.acc"],
      brushes: { "config.lr": { lo: 1e-4, hi: 1e-3 }, "config.loss": { levels: ["ce"] }, bad: { lo: "x" } },
      scales: { "config.lr": "log", "config.loss": "cubic" },
      before: { selection: { base: "newest", on: [], off: ["a"] }, hiddenGroups: ['["x"]'], shownGroups: [] },
    };
    const read = parallelOptions(
      makePanel("p", "parallel", "", { options: JSON.parse(JSON.stringify(options)) }),
    );
    expect(read.columns).toEqual(["config.lr", "summary.acc"]);
    expect(read.brushes).toEqual({ "config.lr": { lo: 1e-4, hi: 1e-3 }, "config.loss": { levels: ["ce"] } });
    expect(read.scales).toEqual({ "config.lr": "log" });
    expect(read.before).toEqual(options.before);
    expect(read.tint).toBeNull();
  });

  it("have one brush for each axis", () => {
    const withA = withBrush({}, "a", { lo: 0, hi: 1 });
    expect(withBrush(withA, "a", { lo: 0, hi: 2 })).toEqual({ a: { lo: 0, hi: 2 } });
    expect(withBrush(withA, "a", null)).toEqual({});
    const both = withBrush(withA, "b", { levels: ["x"] });
    expect(Object.keys(both)).toEqual(["a", "b"]);
    expect(brushesOn(both, ["b", "c"])).toEqual({ b: { levels: ["x"] } });
  });
});
