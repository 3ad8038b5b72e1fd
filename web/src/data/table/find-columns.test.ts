import { describe, expect, it } from "vitest";
import ranks from "./column-ranks.json";
import { findColumns } from "./find-columns";

const COLUMNS = [
  { column: "job_type", n_runs: 49 },
  { column: "heartbeat", n_runs: 49 },
  { column: "config.base_lr", n_runs: 49 },
  { column: "config.lr", n_runs: 49 },
  { column: "summary.val/accuracy", n_runs: 1 },
  { column: "summary.val/accuracy.max", n_runs: 44 },
  { column: "summary.val\\.loss", n_runs: 44 },
];
const matches = (text: string) => findColumns(COLUMNS, text).map(({ column }) => column);

describe("columns", () => {
  it("that most runs have come first", () => {
    expect(matches("val/acc")).toEqual(["summary.val/accuracy.max", "summary.val/accuracy"]);
    expect(matches("VAL/accuracy")[0]).toBe("summary.val/accuracy.max");
  });

  it("are found as they are shown and as they are written", () => {
    expect(matches("val/accuracy max")).toEqual(["summary.val/accuracy.max"]);
    expect(matches("summary.val/accuracy.max")).toEqual(["summary.val/accuracy.max"]);
    expect(matches("max val")).toEqual(["summary.val/accuracy.max"]);
    expect(matches("val.loss")).toEqual(["summary.val\\.loss"]);
    expect(matches("val\\.loss")).toEqual(["summary.val\\.loss"]);
    expect(matches("job type")).toEqual(["job_type"]);
    expect(matches("heard")).toEqual(["heartbeat"]);
    expect(matches("nothing")).toEqual([]);
    expect(matches(" ")).toHaveLength(COLUMNS.length);
  });

  it("begin with the one that is called so", () => {
    expect(matches("lr")).toEqual(["config.lr", "config.base_lr"]);
    expect(matches("config.lr")).toEqual(["config.lr"]);
  });

  it("with the whole word come before those that have more runs, and helpers last", () => {
    const columns = [
      { column: "writer.process", n_runs: 94 },
      { column: "summary.roc_table", n_runs: 94 },
      { column: "summary.procedure", n_runs: 94 },
      { column: "summary.roc_auc", n_runs: 93 },
    ];
    expect(findColumns(columns, "roc").map(({ column }) => column)).toEqual([
      "summary.roc_auc",
      "summary.procedure",
      "summary.roc_table",
      "writer.process",
    ]);
    expect(findColumns(columns, "roc_table")[0]?.column).toBe("summary.roc_table");
  });

  it("in which runs differ come before those that are the same in all", () => {
    const columns = [
      { column: "config.model.dtype", n_runs: 14, samples: ["bf16"] },
      { column: "config.model.name", n_runs: 12, samples: ["llama", "qwen"] },
    ];
    expect(findColumns(columns, "model").map(({ column }) => column)).toEqual([
      "config.model.name",
      "config.model.dtype",
    ]);
  });
});

describe("columns that fit as well", () => {
  it("begin with that of a metric with a goal, whatever more runs have", () => {
    const columns = [
      { column: "summary.test/mse", n_runs: 30 },
      { column: "summary.val/mse", n_runs: 12, goal: "minimize" as const },
      // the other end of a metric to minimize is no aim
      { column: "summary.val/mse.max", n_runs: 12, goal: "minimize" as const },
      { column: "summary.mse_ratio", n_runs: 1 },
      { column: "summary.rmse", n_runs: 40, goal: "minimize" as const },
    ];
    expect(findColumns(columns, "mse").map(({ column }) => column)).toEqual([
      "summary.val/mse",
      "summary.test/mse",
      "summary.val/mse.max",
      "summary.mse_ratio",
      "summary.rmse",
    ]);
  });
});

// the server's tests run the same table
describe.each(ranks)("columns for $search", ({ search, tiers, others }) => {
  it("rank as on the server", () => {
    const all = [...others, ...tiers.flat().reverse()].map((column) => ({ column, n_runs: 1 }));
    const columns = findColumns(all, search).map(({ column }) => column);
    const sorted = tiers.map((tier) => {
      const start = tiers.slice(0, tiers.indexOf(tier)).flat().length;
      return columns.slice(start, start + tier.length).sort();
    });
    expect(sorted).toEqual(tiers.map((tier) => [...tier].sort()));
    expect(columns).toHaveLength(tiers.flat().length);
  });
});
