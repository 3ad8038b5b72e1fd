import { describe, expect, it } from "vitest";
import { ALL_RUNS, chosenEntry, type TableEntry, unionOf } from "./table-choice";

function entry(id: string, name: string, state: string | null = "stored"): TableEntry {
  const run = { id, name, color: 1, isLive: false };
  const item = state === null ? null : { file: { path: `${id}.parquet`, state }, join: null };
  return { id: `${id} 0`, run, key: "t", step: 1, item: item as TableEntry["item"], label: name };
}

describe("one table of all runs", () => {
  const entries = [
    entry("a", "same", "awaited"),
    entry("b", "same"),
    entry("c", "other"),
    entry("d", "x", null),
    entry("e", "same", "stored"),
  ];

  it("has the tables that there are, and tells runs of one name apart", () => {
    const union = unionOf(entries)!;
    expect(union.union!.map(({ label }) => label)).toEqual(["same · b", "other", "same · e"]);
    expect([union.label, union.item!.file.path]).toEqual(["3 of 4 tables", "b.parquet"]);
    expect(chosenEntry(entries, ALL_RUNS)?.id).toBe(ALL_RUNS);
  });

  it("is not there for one table, of which the table itself is shown", () => {
    expect(unionOf([entries[1]!])).toBeNull();
    expect(chosenEntry([entries[1]!], ALL_RUNS)?.id).toBe("b 0");
  });
});
