import { expect, test } from "vitest";
import type { Run } from "@/api/types";
import { columnsOf, sharedFormat, shownIds, statesText } from "./shared-values";
import { orderOf } from "./shown-columns";

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
  expect(titles([])).toEqual(["seed", "val/acc max", "a@5", "a@10", "val/rmsd"]);
  expect(titles(["summary.val/rmsd", "config.lr", "created", "summary.none"], 2)).toEqual([
    "val/rmsd",
    "lr",
    "seed",
    "val/acc max",
  ]);
});

test("what a runs table suggests is among the columns before hundreds of layers", () => {
  const layers = Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`a_layers/${i}/norm`, i]));
  const runs = [1, 2].map((n) => runOf({ a: { b: n }, lr: n, z: 1 }, { ...layers, "val/acc": n, loss: n }));
  const ids = columnsOf(runs, 4, []).map(({ id }) => id);
  expect(ids.slice(0, 4)).toEqual(["config.a.b", "config.lr", "summary.val/acc", "summary.loss"]);
  expect(ids.slice(4)).toHaveLength(2);
});

test("parameters and results of one name are told apart", () => {
  const runs = [1, 2].map((lr) => runOf({ lr, depth: lr, state: lr }, { lr: lr / 2, loss: 1 }));
  const names = columnsOf(runs, 8, []).map(({ lead, title }) => lead + title);
  expect(names).toEqual(["depth", "config.lr", "config.state", "loss", "summary.lr"]);
});

test("state and time stand where the view has them, else behind its columns", () => {
  const columns = columnsOf([runOf({ lr: 1 }, { a: 1, b: 2 }), runOf({ lr: 2 }, {})], 8, ["summary.b"]);
  expect(shownIds(columns, ["summary.b"])).toEqual([
    "summary.b",
    "state",
    "created",
    "config.lr",
    "summary.a",
  ]);
  expect(shownIds(columns, ["created", "user", "summary.b"]).slice(0, 3)).toEqual([
    "created",
    "summary.b",
    "state",
  ]);
});

test("numbers read as in the view", () => {
  const column = { id: "summary.ndcg", lead: "", title: "ndcg", values: [0.33397, 0.218825, undefined] };
  const texts = (looks: Parameters<typeof sharedFormat>[1]) =>
    column.values.map((value) => sharedFormat(column, looks)(value).text);
  expect(texts({})).toEqual(["0.3340", "0.2188", ""]);
  expect(texts({ "summary.ndcg": 2 })).toEqual(["0.33", "0.22", ""]);
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

test("lists in which the runs differ are columns, too", () => {
  const runs = [
    [256, 128],
    [128, 64],
  ].map((layers) => runOf({ model: { layers }, betas: [0.9, 0.98] }, {}));
  const columns = columnsOf(runs, 8, []);
  expect(columns.map(({ id }) => id)).toEqual(["config.model.layers"]);
  const [layers] = columns;
  expect(layers!.values.map((value) => sharedFormat(layers!, {})(value).text)).toEqual([
    "[256, 128]",
    "[128, 64]",
  ]);
});
