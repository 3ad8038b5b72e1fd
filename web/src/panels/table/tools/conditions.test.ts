import { describe, expect, it } from "vitest";
import { tableOptions } from "../options";
import {
  boundError,
  conditionKind,
  conditionText,
  draftOf,
  filtersOf,
  isCondition,
  NO_DRAFT,
  withColumnFilters,
} from "./conditions";

describe("filters on the columns of a table", () => {
  it("depend on the column's type", () => {
    const kinds = ["number", "boolean", "timestamp", "image-file", "string", "list", "any"];
    expect(kinds.map((type) => conditionKind({ type }))).toEqual([
      "number", "boolean", "time", "media", "text", "text", "text",
    ]); // biome-ignore format: a list
  });

  it("are made of what is typed, and read back", () => {
    const range = { ...NO_DRAFT, low: "0.5", high: "1e3", presence: "filled" } as const;
    const filters = filtersOf("x", "number", range);
    expect(filters).toEqual([
      { column: "x", op: "not_empty", value: null },
      { column: "x", op: ">=", value: 0.5 },
      { column: "x", op: "<=", value: 1000 },
    ]);
    expect(draftOf("x", "number", filters)).toEqual({ ...range, high: "1000" });
    const text = { ...NO_DRAFT, op: "matches", text: "^a" } as const;
    expect(draftOf("t", "text", filtersOf("t", "text", text))).toEqual(text);
    const truth = { ...NO_DRAFT, truth: "false" } as const;
    expect(draftOf("b", "boolean", filtersOf("b", "boolean", truth))).toEqual(truth);
    expect(filtersOf("w", "time", { ...NO_DRAFT, low: "2026-01-31", high: "2026-02-01T14:30" })).toEqual([
      { column: "w", op: ">=", value: "2026-01-31 00:00:00" },
      { column: "w", op: "<", value: "2026-02-01 14:30:00" },
    ]);
  });

  it("leave out a bound that is not typed yet, and say what is wrong with it", () => {
    expect(filtersOf("x", "number", { ...NO_DRAFT, low: "-" })).toEqual([]);
    expect(boundError("number", "-")).toBe("Not a number");
    expect(boundError("number", "−5e−4")).toBeNull();
    expect(boundError("time", "2026-02-30x")).not.toBeNull();
    expect(boundError("time", "2026-13-01")).not.toBeNull();
    expect(boundError("time", " ")).toBeNull();
  });

  it("of one column replace its own", () => {
    const other = { column: "a", op: "empty", value: null } as const;
    const own = { column: "b", op: "=", value: 1 } as const;
    expect(withColumnFilters([other, { ...own, value: 2 }], "b", [own])).toEqual([other, own]);
    expect(conditionText(own)).toBe("is 1");
    expect(conditionText(other)).toBe("is empty");
  });

  it("of a link may be anything", () => {
    expect(
      [null, 1, {}, { column: "a", op: "like", value: 1 }, { column: "a", op: "=", value: [] }].some(
        isCondition,
      ),
    ).toBe(false);
    const { rows, nTables } = tableOptions({
      options: {
        nTables: 99,
        search: 5,
        sort: { column: 1 },
        filters: "x",
        hidden: [1, "a"],
        widths: { a: "b", c: 9 },
      },
    });
    expect(rows).toEqual({
      search: "",
      sort: null,
      filters: [],
      group: null,
      join: null,
      computed: [],
      plot: null,
      hidden: ["a"],
      widths: { c: 9 },
    });
    expect(nTables).toBe(4);
  });
});
