import { describe, expect, it } from "vitest";
import { askedIds, NEWEST_SHOWN, shownIds, withRun } from "./shown-runs";
import type { RunSelection } from "./view";

const LISTED = Array.from({ length: 25 }, (_, i) => `r${i}`);
const NEWEST: RunSelection = { base: "newest", on: [], off: [] };

describe("shown runs", () => {
  it("are the newest without a choice", () => {
    expect([...shownIds(LISTED, NEWEST)]).toEqual(LISTED.slice(0, NEWEST_SHOWN));
  });

  it("keep each choice, whatever the base", () => {
    let selection = withRun(NEWEST, "r20", 20, true);
    selection = withRun(selection, "r0", 0, false);
    const shown = shownIds(LISTED, selection);
    expect(shown.has("r20")).toBe(true);
    expect(shown.has("r0")).toBe(false);
    expect(shown.size).toBe(NEWEST_SHOWN);
  });

  it("forget a choice that is taken back", () => {
    const hidden = withRun(NEWEST, "r3", 3, false);
    expect(withRun(hidden, "r3", 3, true)).toEqual(NEWEST);
  });

  it("show one alone", () => {
    expect([...shownIds(LISTED, { base: "none", on: ["r7"], off: [] })]).toEqual(["r7"]);
  });
});

describe("asked runs", () => {
  it("stay while runs are hidden and shown again", () => {
    const before = ["a", "b", "c"];
    expect(askedIds(before, ["a", "c"])).toBe(before);
    expect(askedIds(before, ["c", "b", "a"])).toBe(before);
  });

  it("are the shown ones when a new one comes", () => {
    expect(askedIds(["a", "b", "c"], ["d", "a"])).toEqual(["a", "d"]);
    expect(askedIds(["a"], [])).toEqual([]);
  });
});
