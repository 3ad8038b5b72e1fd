import { describe, expect, it } from "vitest";
import { keyMetricOf } from "../metrics/key-metric";
import { numberOf, objectText, summaryValues } from "./summary";

const DEFINED = [
  { name: "val/mIoU", summary: ["max", "last"], goal: "maximize" },
  { name: "val/loss", summary: ["min"], goal: null },
];

describe("the rows of a summary", () => {
  it("name aggregates by their metric, other nested values by their path, those with a goal first", () => {
    const summary = {
      epoch: 3,
      "val/mIoU": { max: 0.8, last: 0.7 },
      best: { step: 40, "val/loss": 0.3 },
      name: "x",
    };
    expect(
      summaryValues(summary, DEFINED).map(({ key, aggregate, value }) => [key, aggregate, value]),
    ).toEqual([
      ["val/mIoU", "max", 0.8],
      ["val/mIoU", "last", 0.7],
      ["best.step", null, 40],
      ["best.val/loss", null, 0.3],
      ["epoch", null, 3],
      ["name", null, "x"],
    ]);
  });

  it("have the metrics of layers behind the others", () => {
    const norms = Array.from({ length: 24 }, (_, i) => [`grad_norm/layer.${i}`, i] as const);
    const keys = summaryValues({ ...Object.fromEntries(norms), "train/loss": 1 }, []).map(({ key }) => key);
    expect(keys.slice(0, 2)).toEqual(["train/loss", "grad_norm/layer.0"]);
    expect(keys.at(-1)).toBe("grad_norm/layer.23");
  });

  it("have numbers in names by their value", () => {
    const summary = { "val/hit@1": 1, "val/hit@10": 1, "val/hit@100": 1, "val/hit@20": 1, "val/hit@5": 1 };
    const ks = summaryValues(summary, []).map(({ key }) => key.split("@")[1]);
    expect(ks).toEqual(["1", "5", "10", "20", "100"]);
  });

  it("read numbers that JSON has no word for", () => {
    expect(numberOf({ _type: "float", value: "NaN" })).toBeNaN();
    expect(numberOf({ _type: "float", value: "-Infinity" })).toBe(-Infinity);
    expect(numberOf({ _type: "int", value: "9007199254740993" })).toBe(9007199254740992);
    expect(numberOf({ _type: "image", value: "a.png" })).toBeNull();
    expect(numberOf("NaN")).toBeNaN();
    expect(numberOf("-Infinity")).toBe(-Infinity);
    expect(numberOf("3")).toBeNull();
    expect(numberOf("nan")).toBeNull();
  });
});

describe("a logged object", () => {
  it("is named in words", () => {
    const words = [
      { _type: "image-file", path: "a.png", caption: "a cat" },
      { _type: "image-file", path: "a.png", caption: null },
      { _type: "images/separated", count: 3 },
      { _type: "table-file", nrows: 1, ncols: 2 },
      { _type: "table-file", nrows: 40, ncols: 2 },
      { _type: "histogram", bins: [-0.25, 0, 0.5], values: [3, 4] },
      { _type: "histogram", packedBins: { min: 0, size: 1, count: 4 }, values: [] },
      { _type: "of the future" },
      { _type: "constructor" },
      { a: 1 },
      [1],
      "text",
      null,
    ].map(objectText);
    expect(words).toEqual([
      "image: a cat",
      "image",
      "3 images",
      "table: 1 row",
      "table: 40 rows",
      "histogram: −0.25 to 0.5",
      "histogram",
      ...[null, null, null, null, null, null],
    ]);
  });
});

describe("the key metric", () => {
  it("has a goal where one is set, and is the metric itself", () => {
    const summary = { "val/acc": 0.9, "val/mIoU": { max: 0.8 } };
    expect(keyMetricOf(summary, DEFINED)).toMatchObject({ key: "val/mIoU", aggregate: "max", value: 0.8 });
  });

  it("else is a validation score before a training loss, at any depth", () => {
    const summary = { epoch: 3, train: { loss: 0.5 }, val: { loss: 0.7 } };
    expect(keyMetricOf(summary, [])).toMatchObject({ key: "val.loss", value: 0.7 });
    expect(keyMetricOf({ _step: 1 }, [])).toBeNull();
    expect(keyMetricOf({ _step: 1, system: { load: 3 } }, [])).toMatchObject({ key: "system.load" });
    expect(keyMetricOf({ epoch: 3 }, [])).toMatchObject({ key: "epoch", value: 3 });
  });

  it("is a loss also when it has become NaN", () => {
    const summary = { "perf/mfu": 0.46, "train/loss": "NaN" };
    expect(keyMetricOf(summary, [])).toMatchObject({ key: "train/loss", value: Number.NaN });
  });

  it("is not a hidden one, also when a glob hides it", () => {
    const summary = { "val/loss": 0.7, "debug/loss": 3, "debug/acc": 0.5, loss: 1 };
    const hidden = { summary: [], goal: null, hidden: true };
    const shown = { ...hidden, hidden: null };
    const debug = { ...hidden, name: "debug/*" };
    expect(keyMetricOf(summary, [{ ...hidden, name: "val/loss" }, debug])).toMatchObject({ key: "loss" });
    expect(keyMetricOf({ "debug/loss": 3 }, [debug])).toBeNull();
    expect(
      keyMetricOf(summary, [
        { ...hidden, name: "*" },
        { ...shown, name: "debug/*" },
      ]),
    ).toMatchObject({
      key: "debug/acc",
    });
    expect(keyMetricOf(summary, [debug, { ...shown, name: "debug/acc", goal: "maximize" }])).toMatchObject({
      key: "debug/acc",
      goal: "maximize",
    });
  });
});
