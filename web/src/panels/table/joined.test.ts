import { expect, test } from "vitest";
import { joinOption, leftNames, titledColumns } from "./joined";

const column = (name: string, title = name) => ({ name, title, type: "number" });

test("a join of a saved view is read, and anything else is ignored", () => {
  expect(joinOption({ run: "b", on: "id" })).toEqual({ run: "b", step: null, on: "id" });
  expect(joinOption({ step: 3.5, on: "id" })).toEqual({ run: null, step: 3.5, on: "id" });
  for (const other of [null, 3, {}, { on: 1 }, { on: "id", step: "3" }, { on: "id", run: 3 }])
    expect(joinOption(other)).toBeNull();
});

test("columns of both tables are told apart by the name of the right one", () => {
  const columns = [column("0.id"), column("1.id"), column("1.x", "mean of 1.x"), column("rows")];
  const titled = titledColumns(columns, { left: "run a", right: "run b" });
  expect(titled.map(({ title }) => title)).toEqual(["id", "id · run b", "mean of x · run b", "rows"]);
  expect(titled.map(({ own }) => own)).toEqual(["id", "id", "mean of x", undefined]);
  expect(titled.map(({ table }) => table)).toEqual(["run a", "run b", "run b", undefined]);
  expect(leftNames(columns, true)).toEqual(["id"]);
  expect(leftNames([column("0.5"), column("b")], false)).toEqual(["0.5", "b"]);
});
