import { describe, expect, it } from "vitest";
import { groupOfTree, newCondition, newGroup, sentenceOf, treeOfNode, withColumn, withWord } from "./builder";
import { type FilterTree, filterText } from "./tree";

const TREES: FilterTree[] = [
  { column: "config.lr", op: "<=", value: 0.005 },
  { column: "config.note", op: "=", value: "3" },
  { column: "config.note", op: "=", value: 3 },
  { column: "config.flag", op: "=", value: true },
  { column: "config.flag", op: "!=", value: null },
  { column: "summary.loss", op: "=", value: { _type: "float", value: "NaN" } },
  { column: "config.seed", op: "=", value: { _type: "int", value: "18446744073709551616" } },
  { column: "created", op: ">", value: "-7d" },
  { column: "created", op: "<", value: "2026-11-20" },
  { column: "runtime", op: ">", value: "2h" },
  { column: "runtime", op: ">=", value: 90 },
  { column: "ended", op: "exists", value: false },
  { column: "tags", op: "in", value: ["a", "b"] },
  { not: { column: "tags", op: "=", value: "archived" } },
  { not: { column: "state", op: "in", value: ["failed", "crashed"] } },
  { not: { column: "name", op: "regex", value: "^a\\d+" } },
  { not: { column: "config.lr", op: ">", value: 1 } },
  {
    and: [
      { column: "state", op: "=", value: "finished" },
      {
        or: [
          { column: "config.lr", op: "<", value: 1 },
          {
            not: {
              or: [
                { column: "host", op: "=", value: "a" },
                { column: "host", op: "=", value: "b" },
              ],
            },
          },
        ],
      },
    ],
  },
  {
    not: {
      and: [
        { column: "host", op: "=", value: "a" },
        { column: "user", op: "=", value: "b" },
      ],
    },
  },
];

describe("rows of a filter", () => {
  it.each(TREES)("%j comes back as it was", (tree) => {
    expect(treeOfNode(groupOfTree(tree))).toEqual(tree);
  });

  it("say nothing until they are filled in", () => {
    const half = newCondition("config.lr");
    expect(treeOfNode(newGroup("all", [half, newCondition()]))).toBeNull();
    const whole = { ...half, word: "at most", values: ["5e-3"] } as const;
    expect(filterText(treeOfNode(newGroup("all", [half, whole]))!)).toBe("config.lr <= 0.005");
  });

  it("keep what fits another column or word", () => {
    const lr = { ...newCondition("config.lr"), word: "at most", values: ["1"] } as const;
    expect(withColumn(lr, "config.wd")).toMatchObject({ word: "at most", values: ["1"] });
    expect(withColumn(lr, "tags")).toMatchObject({ word: "has any of" });
    const tags = { ...newCondition("tags"), values: ["a", "b"] } as const;
    expect(withWord(tags, "contains").values).toEqual(["a"]);
    const age = { ...newCondition("created"), values: ["30 d"] } as const;
    expect(withWord(age, "older than").values).toEqual(["30 d"]);
    expect(withWord(age, "after").values).toEqual([]);
  });

  it("take numbers as pages show them", () => {
    const treeOf = (typed: string, column = "config.lr") =>
      treeOfNode({ ...newCondition(column), word: "more than", values: [typed] });
    expect(treeOf("6e−4")).toEqual({ column: "config.lr", op: ">", value: 0.0006 });
    expect(treeOf("−2.5")).toEqual({ column: "config.lr", op: ">", value: -2.5 });
    expect(treeOf("−Infinity")).toMatchObject({ value: { _type: "float", value: "-Infinity" } });
    expect(treeOf('"6e−4"')).toMatchObject({ value: "6e−4" });
    expect(treeOf("−1", "runtime")).toMatchObject({ value: -1 });
  });

  it("take ages and spans as people write them", () => {
    const created = { ...newCondition("created"), values: ["30 days"] };
    expect(treeOfNode(created)).toEqual({ column: "created", op: ">", value: "-30d" });
    const runtime = { ...newCondition("runtime"), values: ["2 hours"] };
    expect(treeOfNode(runtime)).toEqual({ column: "runtime", op: ">", value: "2h" });
  });
});

describe("chips", () => {
  it("read as sentences", () => {
    const read = (tree: FilterTree) => Object.values(sentenceOf(tree)).join(" ").trim();
    expect(read({ column: "created", op: ">", value: "-30d" })).toBe("created in last 30 d");
    expect(read({ not: { column: "tags", op: "=", value: "archived" } })).toBe("tags has none of archived");
    // as the list of values has them
    expect(read({ column: "config.lr", op: "=", value: 0.0006 })).toBe("config.lr is 6e−4");
    expect(read({ column: "config.lr", op: ">", value: -1.25e-7 })).toBe("config.lr more than −1.25e−7");
    expect(read({ column: "config.lr", op: "=", value: "6e-4" })).toBe('config.lr is "6e-4"');
    expect(read({ or: [TREES[0]!, TREES[1]!] })).toBe("any of 2");
    expect(read({ column: "id", op: "in", value: ["a1", "b2"] })).toBe("id is any of a1, b2");
    expect(read({ column: "id", op: "in", value: ["a", "b", "c", "d"] })).toBe("id is any of 4 runs");
  });
});
