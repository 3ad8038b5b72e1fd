import { describe, expect, it } from "vitest";
import { columnsBeside, listedMetrics } from "./listed-metrics";

const METRICS = ["train/loss", "val/acc", "system.cpu", "loss", "val/loss_ema", "val/glossary"].map(
  (name, i) => ({ name, nRuns: i }),
);
const rows = (search: string, isRegex = false) =>
  listedMetrics(METRICS, search, isRegex, new Set(["val/glossary"])).map((row) =>
    "name" in row ? row.name : `${row.section} ${row.n}`,
  );

describe("a list of metrics", () => {
  it("has all of them, section by section", () => {
    expect(rows("")).toEqual([
      "charts 1",
      "loss",
      "train 1",
      "train/loss",
      "val 3",
      "val/acc",
      "val/glossary",
      "val/loss_ema",
      "system 1",
      "system.cpu",
    ]);
  });

  it("has the likeliest first for words, and those of a pattern by name", () => {
    expect(rows("loss")).toEqual(["loss", "train/loss", "val/loss_ema", "val/glossary"]);
    expect(rows("os")).toEqual(["val/glossary", "val/loss_ema", "loss", "train/loss"]);
    expect(rows("^val/", true)).toEqual(["val/acc", "val/glossary", "val/loss_ema"]);
    expect(rows("(", true)).toEqual([]);
  });
});

describe("columns next to metrics", () => {
  const facts = (column: string, kinds = { number: 3 }) => ({ column, n_runs: 3, kinds });
  const columns = [
    facts("summary.final_loss"),
    facts("summary.eval/loss"),
    facts("summary.eval/loss.min"),
    facts("summary._runtime"),
    facts("config.optim.lr"),
  ];
  const names = (search: string) => {
    const { results, parameters } = columnsBeside(columns, ["eval/loss"], (name) => name.includes(search));
    return [...results, ...parameters].map(({ name }) => name);
  };

  it("are the results that were set and not logged, and the parameters", () => {
    expect(names("")).toEqual(["final_loss", "config.optim.lr"]);
    expect(names("final")).toEqual(["final_loss"]);
    expect(names("lr")).toEqual(["config.optim.lr"]);
  });
});
