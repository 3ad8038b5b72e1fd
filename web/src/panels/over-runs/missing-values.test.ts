import { expect, it } from "vitest";
import { missingText, numericTextNote } from "./missing-values";

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

it("runs whose value has no position on an axis are told, and why", () => {
  const textOf = (...values: unknown[]) =>
    missingText(
      [1e-3, ...values].map((value) => ({ values: { "config.lr": value } })),
      ["config.lr", "config.later"],
      (_, value) => typeof value === "number" && value > 0,
    );
  expect(textOf("auto")).toBe("1 of 2 runs has no number as lr");
  expect(textOf("NaN", null)).toBe("2 of 3 runs have no finite lr");
  expect(textOf(-1, null, "NaN")).toBe("3 of 4 runs have no positive lr");
});

it("a diverged run lacks a finite value without a scale, too", () => {
  const rows = [{ values: { "summary.acc": "NaN" } }, { values: { "summary.acc": 0.5 } }];
  expect(missingText(rows, ["summary.acc"])).toBe("1 of 2 runs has no finite acc");
});

it("texts that were read as numbers are told once", () => {
  const noteOf = (nRuns: number, ...columns: string[]) => numericTextNote({ rows: [], columns, nRuns });
  expect(noteOf(0)).toBe("");
  expect(noteOf(8, "config.optim.lr")).toBe("8 runs have optim.lr as text");
  expect(noteOf(1, "config.optim.lr")).toBe("1 run has optim.lr as text");
  expect(noteOf(8, "config.optim.lr", "config.batch", "config.depth")).toBe(
    "8 runs have optim.lr and 2 other keys as text",
  );
});
