import { expect, it } from "vitest";
import { numberOfText, readNumericTexts } from "./numeric-texts";

const rowsOf = (values: readonly unknown[]) => values.map((lr, i) => ({ id: `r${i}`, values: { lr } }));
const valuesOf = (values: readonly unknown[], numberColumns?: readonly string[]) =>
  readNumericTexts(rowsOf(values), ["lr"], numberColumns).rows.map((row) => row.values.lr);

it("texts among numbers are read as the numbers they are", () => {
  expect(valuesOf([6e-4, "6e-4", 1e-3, "1e-3", null])).toEqual([6e-4, 6e-4, 1e-3, 1e-3, null]);
  // the script of most runs may be the one that logs texts
  expect(valuesOf([6e-4, "6e-4", "2e-3"])).toEqual([6e-4, 6e-4, 2e-3]);
  expect(valuesOf([6e-4, 1e-3, "2e-3", "auto"])).toEqual([6e-4, 1e-3, 2e-3, "auto"]);
});

it("texts of a column of texts stay as they are, unless its axis is one of numbers", () => {
  expect(valuesOf(["256", "512"])).toEqual(["256", "512"]);
  expect(valuesOf(["256", "512"], ["lr"])).toEqual([256, 512]);
  expect(valuesOf([1, "7", "auto", "none", "auto"])).toEqual([1, "7", "auto", "none", "auto"]);
});

it("the runs and columns with such texts are told", () => {
  const rows = [
    { id: "a", values: { lr: 1, batch: 2, name: "x" } },
    { id: "b", values: { lr: "2", batch: "4", name: "y" } },
    { id: "c", values: { lr: "3", batch: 8, name: "z" } },
  ];
  const { columns, nRuns } = readNumericTexts(rows, ["lr", "batch", "name"]);
  expect([columns, nRuns]).toEqual([["lr", "batch"], 2]);
  const plain = rows.slice(0, 1);
  expect(readNumericTexts(plain, ["lr"]).rows).toBe(plain);
});

it("a number is read from a text that is nothing else", () => {
  expect(
    ["6e-4", " 12 ", "-.5", "1_000", "0x10", "NaN", "", "3 nodes", true, null].map(numberOfText),
  ).toEqual([6e-4, 12, -0.5, null, null, null, null, null, null, null]);
});
