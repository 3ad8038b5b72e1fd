import { expect, test } from "vitest";
import {
  columnsOfNaming,
  configPath,
  EMPTY_FORM,
  type Naming,
  newNames,
  presentText,
  sharedEdit,
  typedValue,
} from "./bulk-edit";

const RUNS = [
  { id: "c", name: "unet-3", values: { "config.lr": 3e-4 } },
  { id: "b", name: "unet-2", values: { "config.lr": null } },
  { id: "a", name: "base", values: { "config.lr": 0.001 } },
];

function namesBy(naming: Naming) {
  return Object.fromEntries(newNames(naming, RUNS).names);
}

test("a text is replaced in each name that has it, a dollar is a dollar", () => {
  const naming = { kind: "replace", find: "unet", isPattern: false, by: "$&v2" } as const;
  expect(namesBy(naming)).toEqual({ c: "$&v2-3", b: "$&v2-2" });
  expect(newNames({ ...naming, find: "" }, RUNS).names.size).toBe(0);
  expect(newNames({ ...naming, find: "base", by: " " }, RUNS).error).toBe("base would have no name");
});

test("a pattern of letters has groups, an invalid one says so", () => {
  const naming = { kind: "replace", find: "^unet-(\\d)$", isPattern: true, by: "$1 of unet" } as const;
  expect(namesBy(naming)).toEqual({ c: "3 of unet", b: "2 of unet" });
  expect(newNames({ ...naming, find: "(" }, RUNS).error).toMatch(/^Not a pattern: /);
});

test("a pattern takes values; runs that lack one keep their names, and equal names are counted", () => {
  const naming = { kind: "pattern", text: "{n} {name} lr{config.lr}" } as const;
  expect(columnsOfNaming(naming)).toEqual({ columns: ["config.lr"], unknown: [] });
  expect(namesBy(naming)).toEqual({ c: "3 unet-3 lr3e-4", a: "1 base lr0.001" });
  expect(newNames(naming, RUNS).nLacking).toBe(1);
  expect(newNames({ kind: "pattern", text: "same" }, RUNS).nAlike).toBe(3);
  expect(newNames({ kind: "pattern", text: "{lr}" }, RUNS).error).toBe("{lr} is not a column: {config.…}");
  expect(newNames({ kind: "pattern", text: "x".repeat(201) }, RUNS).error).toMatch(/^Longer than 200/);
});

test("values are numbers, Python's words, JSON, or texts", () => {
  for (const [text, value, kind] of [
    ["3e-4", 3e-4, "number"],
    [".5", 0.5, "number"],
    ["10_000", 10_000, "number"],
    ["9007199254740993", "9007199254740993", "text"],
    ["True", true, "true or false"],
    ["None", null, "none"],
    ["nan", { _type: "float", value: "NaN" }, "number"],
    ["[1, 2]", [1, 2], "list"],
    ['"5"', "5", "text"],
    ["adamw", "adamw", "text"],
    ["constructor", "constructor", "text"],
  ] as const)
    expect(typedValue(text)).toEqual({ value, kind });
});

test("a form says what all runs get", () => {
  expect(sharedEdit(EMPTY_FORM)).toBeNull();
  expect(configPath("opt.lr\\.max")).toEqual(["opt", "lr.max"]);
  const config = [
    { path: "opt.lr", text: "1" },
    { path: "old", text: null },
    { path: "", text: "2" },
    { path: "half", text: "" },
  ];
  expect(sharedEdit({ ...EMPTY_FORM, group: " g ", jobType: "", config })).toEqual({
    group: "g",
    job_type: null,
    config: { set: [[["opt", "lr"], 1]], removed: [["old"]] },
  });
  expect(sharedEdit({ ...EMPTY_FORM, notes: { text: "n", isAdded: true } })).toEqual({ add_notes: "n" });
  expect(sharedEdit({ ...EMPTY_FORM, notes: { text: "", isAdded: false } })).toEqual({ notes: null });
});

test("fields show the value that all have, or how many values there are", () => {
  expect(presentText(["a", "a"], "groups")).toBe("a");
  expect(presentText(["a", null, "b"], "groups")).toBe("3 groups");
  expect(presentText([null, null], "groups")).toBe("none");
});
