import { describe, expect, it } from "vitest";
import type { ColumnFacts } from "./column-facts";
import { axisChoice, firstX, variedParameters } from "./varied-parameters";

const facts = (column: string, n_runs: number, samples: unknown[], kind = "number"): ColumnFacts => ({
  column: `config.${column}`,
  kinds: { [kind]: n_runs },
  n_runs,
  samples,
});

function firstAxes(varied: readonly ColumnFacts[]): readonly string[] {
  const { columns, nAxes } = axisChoice(varied);
  return columns.slice(0, nAxes);
}

/** Three kinds of models, each with parameters of its own. */
const TABULAR = variedParameters([
  facts("C", 15, [0.1, 1]),
  facts("features", 45, ["all", "top8"], "text"),
  facts("fold", 45, [0, 1, 2]),
  facts("learning_rate", 15, [0.1, 0.01]),
  facts("max_depth", 30, [3, 5]),
  facts("model", 45, ["gb", "rf"], "text"),
  facts("penalty", 15, ["l2"], "text"),
  facts("seed", 45, [1, 2, 3]),
]);

describe("parameters in which runs differ", () => {
  it("are those of most runs first, seeds last, without constant and compound ones", () => {
    expect(TABULAR.map(({ column }) => column.slice(7))).toEqual([
      "features",
      "model",
      "max_depth",
      "learning_rate",
      "C",
      "fold",
      "seed",
    ]);
    expect(variedParameters([facts("classes", 3, [["a"], ["b"]], "other")])).toEqual([]);
  });

  it("begin with the learning rate where as many runs have it", () => {
    const varied = variedParameters([facts("batch", 3, [16, 32]), facts("optim.lr", 3, [1e-3, 1e-4])]);
    expect(varied.map(({ column }) => column)).toEqual(["config.optim.lr", "config.batch"]);
  });

  it("are axes where runs have them together", () => {
    expect(firstAxes(TABULAR)).toEqual(["config.features", "config.model", "config.max_depth"]);
    const few = variedParameters([
      facts("lr", 28, [1, 2]),
      facts("seed", 28, [1, 2]),
      facts("tau", 18, [1, 2]),
    ]);
    expect(firstAxes(few)).toEqual(["config.lr", "config.tau"]);
    expect(firstAxes(variedParameters([facts("lr", 28, [1, 2]), facts("seed", 28, [1, 2])]))).toEqual([
      "config.lr",
      "config.seed",
    ]);
    expect(firstAxes([])).toEqual([]);
  });

  it("are one axis: a number of nearly all runs", () => {
    expect(firstX(TABULAR)).toBe("config.features");
    expect(firstX(variedParameters([facts("model", 45, ["gb", "rf"], "text"), facts("C", 9, [1, 2])]))).toBe(
      "config.model",
    );
    expect(firstX([])).toBeNull();
  });
});
