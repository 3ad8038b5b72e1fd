import { describe, expect, it } from "vitest";
import { columnsOfRuns, selectColumns } from "./shared-columns";
import type { Run } from "./types";

function run(config: Run["config"], summary: Run["summary"]) {
  const definition = { name: "val/acc", summary: ["max"], goal: "maximize", hidden: null };
  const definitions = [{ ...definition, step_metric: null, step_sync: null }];
  return { config, summary, definitions } as unknown as Run;
}

const COLUMNS = columnsOfRuns([
  run({ optim: { lr: 0.1 }, "a.b": "x" }, { "val/acc": { max: 0.5 }, loss: 1 }),
  run({ optim: { lr: 0.2 } }, { "val/acc": { max: 0.6 }, loss: { _type: "float", value: "NaN" } }),
]);

function names(query: Record<string, string>) {
  return selectColumns(COLUMNS, query).map(({ column }) => column);
}

describe("columns of shared runs", () => {
  it("have names, kinds and samples as those of a project", () => {
    const byName = new Map(COLUMNS.map((column) => [column.column, column]));
    expect(byName.get("config.optim.lr")).toEqual({
      column: "config.optim.lr",
      kinds: { number: 2 },
      n_runs: 2,
      samples: [0.1, 0.2],
      hidden: false,
      goal: null,
    });
    expect(byName.get("summary.loss")!.kinds).toEqual({ number: 1, nonfinite: 1 });
    expect(byName.get("config.a\\.b")!.n_runs).toBe(1);
    expect(byName.get("summary.val/acc.max")!.goal).toBe("maximize");
  });

  it("are selected by scope, goal, words and patterns, those of most runs first", () => {
    expect(names({ scope: "config", order: "use" })).toEqual(["config.optim.lr", "config.a\\.b"]);
    expect(names({ has_goal: "true" })).toEqual(["summary.val/acc.max"]);
    expect(names({ search: "ACC val" })).toEqual(["summary.val/acc.max"]);
    expect(names({ search: "^(summary\\.loss|summary\\.none)$", regex: "true" })).toEqual(["summary.loss"]);
  });
});
