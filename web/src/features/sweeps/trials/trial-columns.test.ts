import { expect, test } from "vitest";
import type { Sweep } from "@/api/sweeps/sweeps";
import { columnsText, shownColumns, trialColumns } from "./trial-columns";
import { clickedSort, firstOrder } from "./trial-url";

const PARAMETERS = Array.from({ length: 12 }, (_, i) => `p,${i}`);
const SWEEP = {
  metrics: [{ name: "acc", goal: "maximize" }],
  parameters: PARAMETERS,
  config: { parameters: Object.fromEntries(PARAMETERS.map((name) => [name, { min: 0, max: 1 }])) },
} as unknown as Sweep;

test("the first columns need nothing in the address, others their ids", () => {
  const columns = trialColumns(SWEEP);
  const first = shownColumns(columns, "");
  expect(first).not.toContain("parameters.p,11");
  expect(columnsText(columns, first)).toBe("");
  const chosen = ["notes", "parameters.p,11"];
  const text = columnsText(columns, chosen);
  expect(shownColumns(columns, text)).toEqual(["parameters.p,11", "notes"]);
  expect(shownColumns(columns, columnsText(columns, []))).toEqual([]);
  expect(shownColumns(columns, '["gone","state"]')).toEqual(["state"]);
  expect(shownColumns(columns, "torn")).toEqual([]);
});

test("the best come first, and a click turns a column's direction", () => {
  expect(firstOrder(SWEEP)).toBe("-values.acc");
  expect(firstOrder({ ...SWEEP, metrics: [] })).toBe("number");
  expect(clickedSort(null, "values.acc", SWEEP)).toEqual({ column: "values.acc", isDown: true });
  expect(clickedSort({ column: "values.acc", isDown: true }, "values.acc", SWEEP).isDown).toBe(false);
  expect(clickedSort(null, "parameters.p,1", SWEEP).isDown).toBe(false);
});
