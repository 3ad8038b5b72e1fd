import { describe, expect, it } from "vitest";
import { nextSort, sortOfText, sortRows, sortText } from "../table/row-sort";
import { firstColumns, firstDrawn, metadataColumns, versionRows } from "./version-columns";

const rows = versionRows([
  { version: "v2", metadata: { val: { acc: 0.9 }, name: "c", lr: 0.1, note: "x" } },
  { version: "v1", metadata: { val: { acc: 0.7 }, name: "b", lr: 0.1 } },
  { version: "v0", metadata: { val: { acc: 0.8 }, old: [1, 2] } },
]);

describe("columns of metadata", () => {
  const columns = metadataColumns(rows);

  it("are the leaves that any version has", () => {
    expect(columns).toEqual([
      { name: "val.acc", nVersions: 3, isNumber: true, varies: true },
      { name: "name", nVersions: 2, isNumber: false, varies: true },
      { name: "lr", nVersions: 2, isNumber: true, varies: false },
      { name: "note", nVersions: 1, isNumber: false, varies: false },
      { name: "old", nVersions: 1, isNumber: false, varies: false },
    ]);
  });

  it("are shown at first where they differ, numbers before texts", () => {
    expect(firstColumns(columns)).toEqual(["val.acc", "name"]);
    expect(firstDrawn(columns)).toBe("val.acc");
    expect(firstDrawn(columns.slice(1))).toBe("lr");
    expect(firstDrawn(columns.slice(3))).toBeNull();
  });
});

describe("the order of versions", () => {
  const order = (name: string, isDown: boolean) =>
    sortRows(rows, ({ values }) => values.get(name), isDown).map(({ artifact }) => artifact.version);

  it("is by a value, and what has none comes last", () => {
    expect(order("val.acc", true)).toEqual(["v2", "v0", "v1"]);
    expect(order("name", false)).toEqual(["v1", "v2", "v0"]);
    expect(order("name", true)).toEqual(["v2", "v1", "v0"]);
    expect(order("none", true)).toEqual(["v2", "v1", "v0"]);
  });

  it("has numbers before texts", () => {
    expect(sortRows(["b", 2, "a", 10, null], (value) => value, false)).toEqual([2, 10, "a", "b", null]);
  });

  it("goes down, up, and back with clicks on a head", () => {
    const down = nextSort(null, "size");
    const up = nextSort(down, "size");
    expect([down, up, nextSort(up, "size")].map(sortText)).toEqual(["-size", "size", ""]);
    expect(sortText(nextSort(up, "files"))).toBe("-files");
  });

  it.each(["", "size", "-metadata.val.acc"])("of an address %s is read back", (text) => {
    expect(sortText(sortOfText(text))).toBe(text);
  });
});
