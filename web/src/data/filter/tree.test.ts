import { describe, expect, it } from "vitest";
import { allOf, type FilterTree, filterText, groupCondition } from "./tree";

const lr: FilterTree = { column: "config.lr", op: ">", value: 0.01 };
const tag: FilterTree = { column: "tags", op: "=", value: "a b" };
const state: FilterTree = { column: "state", op: "!=", value: "crashed" };

describe("the text of a filter", () => {
  it.each<[FilterTree, string]>([
    [lr, "config.lr > 0.01"],
    [{ not: tag }, 'tags not has "a b"'],
    [{ and: [lr, { or: [tag, state] }] }, 'config.lr > 0.01 and (tags has "a b" or state != "crashed")'],
    [{ or: [{ and: [lr, tag] }, state] }, 'config.lr > 0.01 and tags has "a b" or state != "crashed"'],
    [{ not: { and: [lr, tag] } }, 'not (config.lr > 0.01 and tags has "a b")'],
    [{ not: lr }, "not config.lr > 0.01"],
    [{ column: "created", op: ">", value: "-7d" }, "created > -7d"],
    [{ column: "created", op: "<", value: "2026-11-20T10:00Z" }, "created < 2026-11-20T10:00Z"],
    [{ column: "runtime", op: ">", value: "2h" }, "runtime > 2h"],
    [{ column: "ended", op: "exists", value: false }, "ended missing"],
    [{ not: { column: "ended", op: "exists", value: false } }, "ended exists"],
    [{ column: "name", op: "regex", value: '^re"s\\d+' }, 'name matches "^re\\"s\\\\d+"'],
    [
      { not: { column: "state", op: "in", value: ["failed", "crashed"] } },
      'state not in ("failed", "crashed")',
    ],
    [{ column: "config.learning rate", op: "=", value: null }, '"config.learning rate" = null'],
    [{ column: "summary.loss", op: "=", value: { _type: "float", value: "NaN" } }, "summary.loss = nan"],
    [{ or: [] }, "any()"],
    [{ and: [] }, ""],
  ])("%j", (tree, text) => expect(filterText(tree)).toBe(text));

  it("joins texts, each in brackets", () => {
    expect(allOf("", "a = 1 or b = 2", " ", "c = 3")).toBe("(a = 1 or b = 2) and (c = 3)");
    expect(allOf("", "a = 1")).toBe("a = 1");
    expect(allOf()).toBe("");
  });
});

describe("the condition of a group", () => {
  it("says values, missing ones, and gives up where it must", () => {
    const by = ["config.opt", "config.seed"];
    expect(groupCondition(by, ["adam"])).toEqual({ column: "config.opt", op: "=", value: "adam" });
    expect(groupCondition(by, ["adam", { _type: "missing" }])).toEqual({
      and: [
        { column: "config.opt", op: "=", value: "adam" },
        { column: "config.seed", op: "exists", value: false },
      ],
    });
    expect(groupCondition(by, [["a", "b"]])).toBeNull();
  });
});
