import { expect, test } from "vitest";
import { firstNumbers, likelyColumnOf } from "./key-metric";

const NAMES = [
  ..."ab/B/cvr best/recall@10 emb/collapse epoch eval/all/mrr eval/all/ndcg@10 eval/all/ndcg@50".split(" "),
  ..."eval/all/recall@1 eval/all/recall@10 eval/coverage eval/loss eval/segment/power/mrr".split(" "),
  ..."eval/segment/power/ndcg@10 train/loss train/lr".split(" "),
];
const summary = Object.fromEntries(NAMES.map((name, i) => [name, i / 7]));

test("the tiles of a run are results over all data, one of each kind first, before those of slices", () => {
  const keys = firstNumbers(summary, [], [])
    .slice(0, 4)
    .map(({ key }) => key);
  expect(keys).toEqual(["eval/all/mrr", "eval/all/ndcg@10", "eval/all/recall@1", "eval/loss"]);
});

test("the first tile of a run is the metric by which the list of runs is sorted", () => {
  const order = ["created", "summary.eval/all/recall@10"].map((column) => ({ column, descending: true }));
  const keys = firstNumbers(summary, [], order)
    .slice(0, 4)
    .map(({ key }) => key);
  expect(keys).toEqual(["eval/all/recall@10", "eval/all/mrr", "eval/all/ndcg@10", "eval/loss"]);
});

test("a metric with a goal comes before others as likely", () => {
  const goal = { name: "eval/all/recall@10", summary: [], goal: "maximize" };
  expect(firstNumbers(summary, [goal], [])[0]!.key).toBe("eval/all/recall@10");
});

test("a metric whose highest or lowest value is asked for comes before those without a definition, and has its goal", () => {
  const fits = { r2: { max: 0.9 }, "train/loss": 0.1, "eval/auc": 0.8, fit_seconds: { max: 60 } };
  const definitions = ["r2", "fit_seconds"].map((name) => ({ name, summary: ["max"], goal: null }));
  const all = firstNumbers(fits, definitions, []);
  expect(all.map(({ key }) => key)).toEqual(["r2", "eval/auc", "train/loss", "fit_seconds"]);
  expect(all[0]).toMatchObject({ aggregate: "max", goal: "maximize" });
  // the name tells the other goal
  const [loss] = firstNumbers({ loss: { max: 3 } }, [{ name: "loss", summary: ["max"], goal: null }], []);
  expect(loss).toMatchObject({ key: "loss", goal: null });
});

test("the column of a project without goals is of such a metric, else of a name with a goal, and no duration", () => {
  const columnOf = (...names: string[]) =>
    likelyColumnOf(names.map((name) => ({ column: `summary.${name}`, kinds: { number: 1 }, n_runs: 300 })))
      ?.column;
  expect(columnOf("eval/auc", "eval/ndcg@10.max", "train/loss")).toBe("summary.eval/ndcg@10.max");
  expect(columnOf("eval/auc", "novelty.max")).toBe("summary.novelty.max");
  expect(columnOf("fit_seconds", "n_tokens", "rmse")).toBe("summary.rmse");
  for (const duration of ["fit_seconds", "time/step_ms", "wall_time", "fit_time.max"])
    expect(columnOf(duration, "n_tokens")).toBe("summary.n_tokens");
});
