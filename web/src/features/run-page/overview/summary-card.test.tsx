import { expect, test } from "vitest";
import { summaryValues } from "@/data/runs/summary";
import { longestInteger } from "./summary-card";

test("the column of values has room for the longest integer", () => {
  const values = summaryValues({ tokens: 181_529_477_120, loss: 2.123456789012345 }, []);
  expect(longestInteger(values)).toBe("181,529,477,120".length);
  expect(longestInteger([])).toBe(0);
});
