import { describe, expect, it } from "vitest";
import { metadataDiff } from "./metadata-diff";

describe("metadataDiff", () => {
  it("begins with what differs", () => {
    const before = { same: 1, val: { acc: 0.5, name: "a" }, gone: null };
    const after = { same: 1, val: { acc: 0.75, name: "b" }, new: [1] };
    expect(metadataDiff(before, after)).toEqual([
      { name: "val.acc", before: 0.5, after: 0.75, differs: true, difference: 0.25 },
      { name: "val.name", before: "a", after: "b", differs: true, difference: null },
      { name: "new", before: undefined, after: [1], differs: true, difference: null },
      { name: "gone", before: null, after: undefined, differs: true, difference: null },
      { name: "same", before: 1, after: 1, differs: false, difference: null },
    ]);
  });

  it("finds equal lists and objects equal", () => {
    expect(metadataDiff({ a: [1, { b: 2 }] }, { a: [1, { b: 2 }] }).filter((row) => row.differs)).toEqual([]);
  });
});
