import { expect, it } from "vitest";
import { missingText } from "./missing-values";

it("runs without a value on an axis are told", () => {
  const rows = [
    { values: { "config.C": null, "config.depth": 3, "config.lr": null, "summary.acc": 0.5 } },
    { values: { "config.C": null, "config.depth": null, "config.lr": 1, "summary.acc": 0.7 } },
    { values: { "config.C": 1, "config.depth": 4, "config.lr": 2, "summary.acc": 0.9 } },
  ];
  expect(missingText(rows, ["config.C", "summary.acc"])).toBe("2 of 3 runs have no C");
  expect(missingText(rows, ["config.C", "config.depth", "config.lr"])).toBe(
    "2 of 3 runs have no C, 1 no depth, 1 no lr",
  );
  expect(missingText(rows, ["summary.acc", "config.later"])).toBe("");
  expect(missingText([], ["config.C"])).toBe("");
});
