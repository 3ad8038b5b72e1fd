import { describe, expect, it } from "vitest";
import { bareNameIn } from "./bare-names";
import { complete, completionsFor, matchIn, wordAt } from "./completion";
import { exactText, readableText, tokensOf, typedRange } from "./expression-text";
import { nearestName } from "./nearest-name";
import { unfinishedOf } from "./unfinished";

const METRICS = ["train/loss", "val/loss", "val/lovasz", "loss", "epoch", "a-b", "train"];
const isMetric = (name: string) => METRICS.includes(name);
const exact = (text: string) => exactText(tokensOf(text, isMetric));

describe("what is typed and what the server takes", () => {
  it.each([
    ["val/recall@10 / recall@10", '"val/recall@10" / "recall@10"'],
    ["train/loss - val/loss", '"train/loss" - "val/loss"'],
    ["loss/2", "loss/2"],
    ["train/loss/2", '"train/loss"/2'],
    ["loss/epoch", "loss/epoch"],
    ["val/loos", '"val/loos"'],
    ["ema(val/loss, 0.6)/train/loss", 'ema("val/loss", 0.6)/"train/loss"'],
    ["loss/log(train/loss)", 'loss/log("train/loss")'],
    ['"a-b" * 1e-3', '"a-b" * 1e-3'],
    ["system.cpu.0.x ** 2", "system.cpu.0.x ** 2"],
    ["loss \u2212 6e\u22124", "loss - 6e-4"],
    ['"a\u2212b" / \u22122', '"a\u2212b" / -2'],
    ["loss $ 2", "loss $ 2"],
    ["_step * config.batch_size", "_step * config.batch_size"],
    ["train/loss/config.n/_step", '"train/loss"/config.n/_step'],
    ['config."top k" * val/loss', 'config."top k" * "val/loss"'],
    ["config.a/b", '"config.a/b"'],
    ['"config.lr" + "_step"', '"config.lr" + "_step"'],
  ])("%s", (text, expected) => {
    expect(exact(text)).toBe(expected);
    expect(
      tokensOf(text, isMetric)
        .map((token) => token.text)
        .join(""),
    ).toBe(text);
  });

  it("leaves out quotes only where the text then still means the same", () => {
    for (const text of [
      '"train/loss" - "val/loss"',
      '"a-b"/loss',
      '"val/loss"/2',
      "ema(loss, 0.9)",
      '"val/loss" (2)',
      '"config.lr" - config.lr',
      '"_step" + _step * config."top k"',
    ])
      expect(exact(readableText(text))).toBe(text);
    expect(readableText('"train/loss" - "val/loss"')).toBe("train/loss - val/loss");
    expect(readableText('"val/loss"/2')).toBe('"val/loss"/2');
  });

  it("finds the server's column in what was typed", () => {
    const text = "train/loss - sin(2)";
    const tokens = tokensOf(text, isMetric);
    expect(typedRange(tokens, exact(text).indexOf("sin") + 1)).toEqual([13, 16]);
    expect(typedRange(tokens, 99)).toEqual([19, 19]);
  });
});

describe("completion", () => {
  const metrics = METRICS.map((key, i) => ({ key, nRuns: i, isDrawable: key !== "train" }));
  const names = {
    metrics,
    aimed: new Set<string>(),
    config: [
      { path: "batch_size", nRuns: 3 },
      { path: "top k", nRuns: 1 },
    ],
  };
  it("offers names that begin so first, functions after metrics", () => {
    expect(wordAt("log(val/lo", 10)).toEqual({ word: "val/lo", at: 4, isQuoted: false });
    expect(wordAt("loss + ", 7)).toEqual({ word: "", at: 7, isQuoted: false });
    expect(completionsFor("lo", names, 9).map((item) => item.name)).toEqual([
      "loss",
      "val/lovasz",
      "val/loss",
      "train/loss",
      "log",
      "log10",
    ]);
    expect(completionsFor("val/lo", names, 9).map((item) => item.name)).toEqual([
      "val/lovasz",
      "val/loss",
      "loss",
      "train/loss",
      "log",
      "log10",
    ]);
    expect(matchIn("train/loss", "val/lo")).toEqual([6, 8]);
  });
  it("offers metrics with a goal first of those that fit as well, and tables behind charts after them", () => {
    const listed = ["test/mse", "val/mse", "mse_table", "rmse"].map((key, i) => ({
      key,
      nRuns: 9 - i,
      isDrawable: true,
    }));
    const names = { metrics: listed, aimed: new Set(["val/mse"]), config: [] };
    expect(completionsFor("mse", names, 9).map((item) => item.name)).toEqual([
      "val/mse",
      "test/mse",
      "rmse",
      "mse_table",
    ]);
    expect(completionsFor("mse_table", names, 9)[0]!.name).toBe("mse_table");
  });
  it("puts a choice in the place of the word", () => {
    const [metric] = completionsFor("a-", names, 1);
    expect(complete('log("a-', 7, metric!, isMetric)).toEqual({ text: 'log("a-b"', cursor: 9 });
    const [fn] = completionsFor("ema", names, 1);
    expect(complete("em", 2, fn!, isMetric)).toEqual({ text: "ema(", cursor: 4 });
    expect(complete("em(x)", 2, fn!, isMetric)).toEqual({ text: "ema(x)", cursor: 4 });
    const [config] = completionsFor("config.ba", names, 1);
    expect(complete("loss * config.ba", 16, config!, isMetric).text).toBe("loss * config.batch_size");
    const [spaced] = completionsFor("top", names, 1);
    expect(complete("top", 3, spaced!, isMetric).text).toBe('config."top k"');
    expect(completionsFor("_st", names, 1)[0]).toMatchObject({ kind: "step", insert: "_step" });
  });
  it("keeps the names that a word divides, and replaces a wrong beginning", () => {
    const completed = (text: string) => {
      const [first] = completionsFor(wordAt(text, text.length).word, names, 1);
      return complete(text, text.length, first!, isMetric).text;
    };
    expect(completed("loss/lov")).toBe("loss/val/lovasz");
    expect(completed("2 * loss/val/loss/lov")).toBe("2 * loss/val/loss/val/lovasz");
    expect(completed("val/lov")).toBe("val/lovasz");
    expect(completed("test/lov")).toBe("val/lovasz");
  });
});

describe("names that need quotes", () => {
  const keys = ["val/recall#10", "val/ndcg#5", "val/ndcg#10", "val/top1%", "grad_norm", "a-b"];
  const names = {
    metrics: keys.map((key) => ({ key, nRuns: 1, isDrawable: true })),
    aimed: new Set<string>(),
    config: [{ path: "top k", nRuns: 1 }],
  };
  const has = (name: string) => keys.includes(name);
  const completed = (text: string, cursor = text.length) => {
    const [first] = completionsFor(wordAt(text, cursor).word, names, 1);
    return first ? complete(text, cursor, first, has).text : null;
  };

  it.each([
    ['"val/recall#10" / ndcg', '"val/recall#10" / "val/ndcg#5"'],
    ['"val/recall#10" + grad', '"val/recall#10" + grad_norm'],
    ['"val/recall#10" / "val/nd', '"val/recall#10" / "val/ndcg#5"'],
    ["recall#1", '"val/recall#10"'],
    ["grad_norm / val/ndcg#1", 'grad_norm / "val/ndcg#10"'],
    ["grad_norm/val/ndcg#1", 'grad_norm/"val/ndcg#10"'],
    ["top1%", '"val/top1%"'],
    ["grad_norm%grad", "grad_norm%grad_norm"],
    ['config."to', 'config."top k"'],
  ])("%s is completed", (text, expected) => {
    expect(completed(text)).toBe(expected);
  });

  it("are offered by their numbers", () => {
    expect(completionsFor("ndcg", names, 9).map(({ name }) => name)).toEqual(["val/ndcg#5", "val/ndcg#10"]);
  });

  it("are told apart from expressions", () => {
    const bareIn = (text: string) => bareNameIn(text, has);
    expect(bareIn("2 * recall#10 / ndcg#10")).toEqual({ word: "recall#10", at: 4, letter: "#" });
    expect(bareIn("grad_norm*val/ndcg#5*2")).toEqual({ word: "val/ndcg#5", at: 10, letter: "#" });
    expect(bareIn("val/top1% / grad_norm")).toEqual({ word: "val/top1%", at: 0, letter: "%" });
    expect(bareIn("2 * a-b")).toEqual({ word: "a-b", at: 4, letter: "-" });
    for (const text of [
      "grad_norm%grad_norm",
      '"val/recall#10" / 2',
      '"val/recall#1',
      "log(grad_norm)-2",
      "x-b",
    ])
      expect([text, bareIn(text)]).toEqual([text, null]);
  });
});

describe("what is still to be typed", () => {
  const reasonOf = (text: string) => unfinishedOf(tokensOf(text, isMetric))?.reason ?? null;
  it("is known of quotes, operators, calls and parentheses", () => {
    expect(reasonOf('loss - "train/l')).toBe("the quoted name has no end");
    for (const text of ["loss -", "loss / ", "max(", "max(loss,", "-", "loss **"])
      expect([text, reasonOf(text)]).toEqual([text, "a metric, a number or a parenthesis is expected"]);
    expect(reasonOf("ema(loss, 0.6")).toBe(") is expected");
    expect(reasonOf("config.")).toBe("a name is expected after the dot");
    for (const text of ["", "loss", "max(loss, epoch)", '"a-b" * 2', "train/loss", "loss loss", ")"])
      expect([text, reasonOf(text)]).toEqual([text, null]);
  });
  it("is placed where the server would", () => {
    expect(unfinishedOf(tokensOf("val/loss -", isMetric))?.column).toBe('"val/loss" -'.length + 1);
    expect(unfinishedOf(tokensOf('val/loss - "a', isMetric))?.column).toBe('"val/loss" - '.length + 1);
  });
});

it("guesses a misspelt name, and no other word", () => {
  expect(nearestName("val/loos", METRICS)).toBe("val/loss");
  expect(nearestName("tarin/loss", METRICS)).toBe("train/loss");
  expect(nearestName("lovasz", METRICS)).toBe("val/lovasz");
  expect(nearestName("gradient_norm", METRICS)).toBeNull();
});
