import { describe, expect, it } from "vitest";
import { summaryValues } from "../runs/summary";
import { compareCsv } from "./compare-csv";
import {
  type ComparedRun,
  changeOf,
  compareRuns,
  configValues,
  isBest,
  summaryChange,
  Unknown,
} from "./compare-runs";

function run(id: string, part: Partial<ComparedRun>): ComparedRun {
  return { id, config: {}, summary: {}, definitions: [], facts: {}, ...part };
}

const definitions = [{ name: "acc", summary: ["max"], goal: "maximize" }];
const a = run("a", {
  config: { lr: 4e-4, seed: 1, optim: { name: "adam", betas: [0.9, 0.99] } },
  summary: { acc: { max: 0.82 }, loss: 0.4 },
  definitions,
  facts: { state: "finished", host: "n1" },
});
const b = run("b", {
  config: { seed: 1, lr: 6e-4, optim: { name: "adam", betas: [0.9, 0.99] }, extra: true },
  summary: { acc: { max: 0.81 }, loss: 0.4 },
  definitions,
  facts: { state: "finished", host: "n2" },
});

describe("runs side by side", () => {
  const rows = compareRuns([a, b]);
  const row = (key: string) => rows.find((r) => r.key === key)!;

  it("have differences first, in each section", () => {
    expect(rows.map((r) => [r.section, r.key, r.differs])).toEqual([
      ["config", "lr", true],
      ["config", "extra", true],
      ["config", "seed", false],
      ["config", "optim.name", false],
      ["config", "optim.betas", false],
      ["summary", "acc", true],
      ["summary", "loss", false],
      ["run", "host", true],
      ["run", "state", false],
    ]);
    expect(row("extra").values).toEqual([undefined, true]);
    expect(row("acc")).toMatchObject({ aggregate: "max", goal: "maximize" });
  });

  it("have in the summary the order of a run's own page", () => {
    const horizons = Object.fromEntries(["024", "096", "336"].map((h, i) => [`per_horizon/mse_${h}`, i]));
    const summary = {
      epoch: 9,
      ...horizons,
      "val/loss": 0.3,
      val_mse: 0.1,
      test_mse: 0.1,
      acc: { max: 0.8 },
    };
    const other = {
      ...summary,
      epoch: 8,
      "per_horizon/mse_024": 7,
      val_mse: 0.2,
      acc: { max: 0.7 },
      rare: 1,
    };
    const rows = compareRuns([run("a", { summary, definitions }), run("b", { summary: other, definitions })]);
    expect(rows.map(({ key }) => key)).toEqual([
      ...["acc", "epoch", "per_horizon/mse_024", "rare", "val_mse"],
      ...["per_horizon/mse_096", "per_horizon/mse_336", "test_mse", "val/loss"],
    ]);
  });

  it("have in the summary evaluation where its name stands, however many slices it has", () => {
    const slices = Array.from({ length: 30 }, (_, i) =>
      ["recall@1", "recall@10", "ndcg@10", "mrr", "loss"].map(
        (score) => `eval/slice-${String.fromCharCode(97 + (i % 26))}${i > 25 ? "x" : ""}/${score}`,
      ),
    ).flat();
    const names = ["train/loss", "ab/cvr", "epoch", "emb/norm", ...slices, "best", "eval/loss"];
    const summary = Object.fromEntries(names.map((name) => [name, 1]));
    const keys = compareRuns([run("a", { summary }), run("b", { summary })]).map(({ key }) => key);
    expect(keys.slice(0, 5)).toEqual(["ab/cvr", "best", "emb/norm", "epoch", "eval/loss"]);
    expect(keys.at(-1)).toBe("train/loss");
    expect(keys).toEqual(summaryValues(summary, []).map(({ key }) => key));
  });

  it("say parameters by factor and results by delta, better or worse where the goal is known", () => {
    const factor = changeOf(row("lr"), 1);
    expect(factor?.kind).toBe("factor");
    expect(factor?.by).toBeCloseTo(1.5, 12);
    expect(changeOf(row("acc"), 1)).toMatchObject({ kind: "delta", isBetter: false });
    expect(changeOf(row("loss"), 1)).toBeNull();
    expect(changeOf(row("lr"), 0)).toBeNull();
    expect([0, 1].map((at) => isBest(row("acc"), at))).toEqual([true, false]);
  });

  it("count what was not recorded as no difference", () => {
    const part = (values: Record<string, string>, lacks: Unknown | null = null) => ({
      values: new Map(Object.entries(values)),
      lacks: () => lacks,
    });
    const unknown = new Unknown("not recorded");
    const environment = (packages: ReturnType<typeof part>) => ({
      packages,
      code: part({}),
      machine: part({}),
    });
    const rows = compareRuns([
      { ...a, environment: environment(part({ numpy: "2.0", torch: "2.1" })) },
      { ...b, environment: environment(part({}, unknown)) },
      run("c", { environment: environment(part({ numpy: "2.0" })) }),
    ]).filter(({ section }) => section === "packages");
    expect(rows.map(({ key, differs, values }) => [key, differs, values])).toEqual([
      ["torch", true, ["2.1", unknown, undefined]],
      ["numpy", false, ["2.0", unknown, "2.0"]],
    ]);
    expect(compareCsv(["a", "b", "c"], rows)).toContain("packages,numpy,2.0,not recorded,2.0");
  });

  it("take a run that lacks a whole part, and numbers that JSON has no word for", () => {
    const nan = run("c", { summary: { acc: { max: { _type: "float", value: "NaN" } } }, definitions });
    const row = compareRuns([a, nan]).find((r) => r.key === "acc")!;
    expect(changeOf(row, 1)).toBeNull();
    expect(isBest(row, 0)).toBe(true);
  });
});

describe("a config's leaves", () => {
  it("are named by dots, an empty part and a list are leaves", () => {
    expect([...configValues({ a: { b: 1, c: {} }, d: [1, { e: 2 }] })]).toEqual([
      ["a.b", 1],
      ["a.c", {}],
      ["d", [1, { e: 2 }]],
    ]);
  });
});

describe("a summary value against the baseline's", () => {
  const value = (number: unknown, goal: "minimize" | "maximize" | null) => ({
    key: "loss",
    aggregate: null,
    value: number,
    goal,
  });

  it("is better or worse by its goal, and neither without one", () => {
    const base = value(0.5, null);
    expect(summaryChange(value(0.25, "minimize"), base)).toEqual({
      kind: "delta",
      by: -0.25,
      isBetter: true,
    });
    expect(summaryChange(value(0.25, "maximize"), base)).toEqual({
      kind: "delta",
      by: -0.25,
      isBetter: false,
    });
    expect(summaryChange(value(0.75, null), base)).toEqual({ kind: "delta", by: 0.25, isBetter: null });
  });

  it("has no difference where one is equal, no number or not finite", () => {
    expect(summaryChange(value(0.5, "minimize"), value(0.5, null))).toBeNull();
    expect(summaryChange(value("x", null), value(0.5, null))).toBeNull();
    expect(summaryChange(value({ _type: "float", value: "NaN" }, null), value(0.5, null))).toBeNull();
  });
});
