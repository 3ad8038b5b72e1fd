import { expect, test } from "vitest";
import type { Run } from "@/api/types";
import { columnsOf, orderOf, statesText } from "./shared-values";

function runOf(config: object, summary: object): Run {
  return {
    config,
    summary,
    definitions: [{ name: "val/acc", summary: ["max"], goal: "maximize" }],
  } as unknown as Run;
}

test("columns that a view is sorted by and metrics with a goal come before others, numbers in names by their value", () => {
  const runs = [1, 2].map((seed) =>
    runOf(
      { seed, depth: 4, lr: 1 },
      { "a@10": 1, "a@5": 1, "val/acc": { max: seed }, "val/rmsd": 1, _step: 3, text: "t" },
    ),
  );
  const titles = (first: readonly string[], most = 8) =>
    columnsOf(runs, most, first).map(({ title }) => title);
  expect(titles([])).toEqual(["seed", "val/acc.max", "a@5", "a@10", "val/rmsd"]);
  expect(titles(["summary.val/rmsd", "config.lr", "created", "summary.none"], 2)).toEqual([
    "lr",
    "seed",
    "val/rmsd",
    "val/acc.max",
  ]);
});

test("a share has those sort keys of its view that it shows", () => {
  const order = ["summary.val/acc", "user", "created", "writer.host"].map((column) => ({
    column,
    descending: true,
  }));
  expect(orderOf({ order }).map(({ column }) => column)).toEqual(["summary.val/acc", "created"]);
});

test("runs are counted by state", () => {
  const states = ["failed", "finished", "finished"].map((state) => ({ state }) as Run);
  expect(statesText(states)).toBe("2 finished, 1 failed");
});
