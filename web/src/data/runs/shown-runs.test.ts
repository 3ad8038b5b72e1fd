import { describe, expect, it } from "vitest";
import { isShownByIndex, runningShown, type Shown, shownAmong, shownFilter } from "./shown-runs";

const FIRST: Shown = {
  selection: { base: "newest", on: [], off: [] },
  hiddenGroups: [],
  shownGroups: [],
};
const IDS = Array.from({ length: 20 }, (_, i) => `r${i}`);

function filterOf(selection: Partial<Shown["selection"]>, running: readonly string[]): string | null {
  return shownFilter(
    { ...FIRST, selection: { ...FIRST.selection, ...selection } },
    { by: [], ids: IDS, running: new Set(running) },
  );
}

describe("shown runs among the first rows of a list", () => {
  const rows = IDS.map((id) => ({ id }));
  const idsAmong = (total: number, running: readonly string[], selection: Partial<Shown["selection"]>) =>
    shownAmong(rows, total, new Set(running), { ...FIRST.selection, ...selection })?.map(({ id }) => id) ??
    null;

  it("are the first, the running and the chosen ones, in the order of the list", () => {
    expect(idsAmong(100, ["r17"], { on: ["r15"], off: ["r0"] })).toEqual([...IDS.slice(1, 10), "r15", "r17"]);
    expect(idsAmong(100, [], { base: "none", on: ["r3"] })).toEqual(["r3"]);
    expect(idsAmong(20, [], { base: "all", off: ["r0"] })).toEqual(IDS.slice(1));
  });

  it("are unknown while a shown run may be further down", () => {
    expect(idsAmong(100, ["far"], {})).toBeNull();
    expect(idsAmong(100, [], { on: ["far"] })).toBeNull();
    expect(idsAmong(100, [], { base: "all" })).toBeNull();
  });
});

describe("runs shown without a choice", () => {
  it("are the first of the list and those that are running", () => {
    const filter = filterOf({}, ["r3", "r17", "far"]);
    for (const id of ["r0", "r9", "r17", "far"]) expect(filter).toContain(id);
    expect(filter).not.toContain("r10");
    expect(filter?.match(/r3/g)).toHaveLength(1);
  });

  it("are the same as rows of the list show", () => {
    const { selection } = FIRST;
    expect([9, 10].map((index) => isShownByIndex(selection, index, false))).toEqual([true, false]);
    expect(isShownByIndex(selection, 40, true)).toBe(true);
    expect(isShownByIndex({ ...selection, base: "none" }, 40, true)).toBe(false);
  });

  it("leave out a running one that was hidden, and all where only chosen ones are shown", () => {
    expect(filterOf({ off: ["far"] }, ["far"])).toContain("not");
    expect(filterOf({ base: "none", on: ["r1"] }, ["far"])).not.toContain("far");
    expect(filterOf({ base: "none" }, ["far"])).toBeNull();
  });

  it("keep a run that has ended, and never grow without end", () => {
    expect(runningShown(["b"], ["a", "b"])).toEqual(["b", "a"]);
    const many = IDS.slice(0, 10);
    expect(runningShown(["new"], many)).toEqual(["new", ...many.slice(0, 9)]);
  });
});
