import { expect, it } from "vitest";
import { numberLabels } from "./number-labels";

it("numbers are offered as they are read, unless two would read the same", () => {
  const values = [0.3339702186234, 0.28901, 0.28902, "NaN", null];
  expect([...numberLabels("summary.ndcg", values)]).toEqual([["0.3339702186234", "0.3340"]]);
});
