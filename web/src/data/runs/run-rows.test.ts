import { describe, expect, it } from "vitest";
import { groupedRows, type ListedGroup, plainRows, type Row } from "./run-rows";

const LEVELS: Record<string, { groups: ListedGroup[]; total: number }> = {
  "[]": {
    groups: [
      { values: ["adam"], nRuns: 3 },
      { values: ["sgd"], nRuns: 2 },
    ],
    total: 5,
  },
  '["adam"]': {
    groups: [
      { values: ["adam", 1], nRuns: 2 },
      { values: ["adam", 2], nRuns: 1 },
    ],
    total: 2,
  },
};

function rowsOf(nLevels: number, open: readonly string[]): Row<ListedGroup>[] {
  const isOpen = (values: readonly unknown[]) => open.includes(JSON.stringify(values));
  const rows = groupedRows(nLevels, (under) => LEVELS[JSON.stringify(under)], isOpen);
  return Array.from({ length: rows.n }, (_, i) => rows.at(i)!);
}

describe("rows of a list", () => {
  it("are runs by their place when there are no groups", () => {
    const rows = plainRows(100_000);
    expect(rows.at(99_999)).toEqual({ kind: "run", depth: 0, under: null, index: 99_999 });
    expect(rows.at(100_000)).toBeNull();
    expect(rows.at(-1)).toBeNull();
  });

  it("have closed groups, and tell how many are not listed", () => {
    const rows = rowsOf(1, []);
    expect(rows.map((row) => row.kind)).toEqual(["group", "group", "more"]);
    expect(rows[2]).toMatchObject({ n: 3, under: [] });
  });

  it("have an open group's runs by their place in it", () => {
    const rows = rowsOf(1, ['["adam"]']);
    expect(rows.map((row) => row.kind)).toEqual(["group", "run", "run", "run", "group", "more"]);
    expect(rows[3]).toEqual({ kind: "run", depth: 1, under: ["adam"], index: 2 });
  });

  it("nest groups, and wait for those on their way", () => {
    const rows = rowsOf(2, ['["adam"]', '["adam",1]', '["sgd"]']);
    expect(rows.map((row) => `${row.kind} ${row.depth}`)).toEqual([
      "group 0",
      "group 1",
      "run 2",
      "run 2",
      "group 1",
      "group 0",
      "waiting 1",
      "more 0",
    ]);
  });

  it("know where each group is", () => {
    const isOpen = (values: readonly unknown[]) => values[0] === "adam" && values.length === 1;
    const rows = groupedRows(2, (under) => LEVELS[JSON.stringify(under)], isOpen);
    expect(rows.indexOfGroup(["sgd"])).toBe(3);
    expect(rows.at(rows.indexOfGroup(["adam", 2])!)).toMatchObject({ group: { nRuns: 1 } });
    expect(rows.indexOfGroup(["sgd", 1])).toBeNull();
  });
});
