import { describe, expect, it } from "vitest";
import type { ColumnFacts } from "./column-facts";
import { firstConfig, firstOwn, firstSummary } from "./first-columns";

const N_RUNS = 49;
const metric = (name: string, n_runs: number, rest: Partial<ColumnFacts> = {}): ColumnFacts => ({
  column: `summary.${name}`,
  kinds: { number: n_runs },
  n_runs,
  ...rest,
});
const parameter = (name: string, n_runs: number, samples: readonly unknown[]): ColumnFacts => ({
  column: `config.${name}`,
  kinds: { number: n_runs },
  n_runs,
  samples,
});

describe("columns that the table suggests", () => {
  it("have the user where there are several, and tags and notes where there are any", () => {
    const own = (column: string, samples: readonly unknown[]) => ({ column, kinds: {}, n_runs: 9, samples });
    expect(firstOwn([own("user", ["ada"]), own("tags", []), own("notes", []), own("host", ["a"])])).toEqual(
      [],
    );
    const facts = [own("user", ["ada", "eve"]), own("tags", [["x"]]), own("notes", ["x"]), own("id", ["a"])];
    expect(firstOwn(facts)).toEqual(["user", "tags", "notes"]);
    const rare = { ...own("notes", ["x"]), n_runs: 1 };
    expect(firstOwn([{ ...own("tags", [["x"]]), n_runs: 11 }, rare])).toEqual(["tags"]);
  });

  it("are metrics with a goal, then those that most runs have; those of one run are off", () => {
    const layers = Array.from({ length: 300 }, (_, i) => metric(`layers/${i}/norm`, 1));
    const facts = [
      ...layers,
      metric("val/accuracy", 1, { goal: "maximize" }),
      metric("val/accuracy.max", 44, { goal: "maximize" }),
      metric("train/loss", 49),
      metric("epoch", 49),
      metric("val/loss.min", 44, { goal: "minimize" }),
      metric("val/loss.max", 44, { goal: "minimize" }),
      metric("debug", 40, { hidden: true }),
      metric("_runtime", 49),
      { ...metric("sample", 49), kinds: { other: 49 } },
    ];
    expect(firstSummary(facts)).toEqual([
      "summary.val/accuracy.max",
      "summary.val/loss.min",
      "summary.val/loss.max",
      "summary.train/loss",
      "summary.epoch",
    ]);
  });

  it("have texts behind numbers, and none that all runs have", () => {
    const text = (name: string, samples: readonly unknown[]) =>
      metric(name, N_RUNS, { kinds: { text: N_RUNS }, samples });
    const facts = [
      text("test/best", ["1a2b"]),
      text("test/worst", ["1a2b", "3c4d"]),
      metric("steps", N_RUNS),
    ];
    expect(firstSummary(facts)).toEqual(["summary.steps", "summary.test/worst"]);
  });

  it("are few", () => {
    const many = Array.from({ length: 100 }, (_, i) => metric(`m${i}`, N_RUNS));
    expect(firstSummary(many)).toHaveLength(12);
    expect(firstSummary([...many, metric("z", 3, { goal: "maximize" })])[0]).toBe("summary.z");
    const params = Array.from({ length: 100 }, (_, i) => parameter(`p${i}`, N_RUNS, [1, 2]));
    expect(firstConfig(params)).toHaveLength(8);
  });

  it("are not crowded out by a large section", () => {
    const horizons = Array.from({ length: 24 }, (_, i) => metric(`per_horizon/mse_${i}`, N_RUNS));
    const names = ["epoch", "test_mse", "train_mse", "val_mse", "val_quantile/q10", "val_quantile/q50"];
    const first = firstSummary([...horizons, ...names.map((name) => metric(name, N_RUNS))]);
    expect(first).toEqual(expect.arrayContaining(names.map((name) => `summary.${name}`)));
    expect(first).toHaveLength(12);
    // in sight: what a project is after, and the step count behind all
    expect(first.slice(0, 2)).toEqual(["summary.test_mse", "summary.val_mse"]);
    expect(first.at(-1)).toBe("summary.epoch");
  });

  it("are results on held-out data before learning rates, of several kinds, also from a large section", () => {
    const scores = [
      "mrr",
      "ndcg@10",
      "ndcg@50",
      "ndcg@100",
      "recall@1",
      "recall@5",
      "recall@10",
      "recall@50",
    ];
    const slices = ["all", ..."abcdefghijklmno"].flatMap((slice) =>
      scores.map((score) => `eval/${slice === "all" ? slice : `slice/${slice}`}/${score}`),
    );
    const names = [
      "eval/loss",
      "eval/coverage",
      "train/loss",
      "train/loss_inbatch",
      "train/lr",
      "emb/collapse",
    ];
    const facts = [...names, "train/grad_norm"].map((name) => metric(name, N_RUNS));
    // some runs failed before the first evaluation
    const first = firstSummary([...slices.map((name) => metric(name, N_RUNS - 3)), ...facts]);
    expect(first).toHaveLength(12);
    const shown = ["eval/all/recall@10", "eval/all/ndcg@10", "eval/all/mrr", "eval/loss", "train/loss"];
    expect(first).toEqual(expect.arrayContaining(shown.map((name) => `summary.${name}`)));
    expect(first).not.toContain("summary.train/lr");
    expect(first.some((column) => column.includes("slice"))).toBe(false);
  });

  it("are parameters in which runs differ", () => {
    const facts = [
      parameter("seed", 49, [1, 2, 3]),
      parameter("lr", 49, [0.1, 0.01]),
      parameter("classes", 49, [1000]),
      parameter("odd", 1, [7]),
    ];
    expect(firstConfig(facts)).toEqual(["config.lr", "config.seed"]);
  });

  it("are all of a single run", () => {
    expect(firstConfig([parameter("lr", 1, [0.1])])).toEqual(["config.lr"]);
    expect(firstSummary([metric("loss", 1)])).toEqual(["summary.loss"]);
  });
});
