import { describe, expect, it } from "vitest";
import {
  distinctText,
  type Extent,
  fittingFormat,
  formatOf,
  formatRunTime,
  fractionInExtent,
  plainText,
  spreadText,
} from "./cell-format";
import { csvLine, csvValue, escapeFormula } from "./csv";

const extent = (min: number, max: number, isWhole = false): Extent => ({ min, max, isWhole });
const texts = (column: string, range: Extent | undefined, ...values: unknown[]) =>
  values.map((value) => formatOf(column, undefined, range)(value).text);

describe("cells", () => {
  it("have one format per column of metrics", () => {
    expect(texts("summary.acc", extent(0, 0.9), 0.5, 0.123456, 0)).toEqual(["0.5000", "0.1235", "0"]);
    expect(texts("summary.img", extent(300, 3900), 312.34, 3900)).toEqual(["312.3", "3,900.0"]);
    expect(texts("summary.epoch", extent(1, 19, true), 1, 1234)).toEqual(["1", "1,234"]);
    expect(texts("summary.lr", extent(-0.001, 0.002), -3.08e-5, 0)).toEqual(["−3.08e−5", "0"]);
  });

  it("have more decimals where all of their column are small, and no powers without need", () => {
    expect(texts("summary.cvr", extent(0.0041, 0.0043), 0.0042159, 0.0042436)).toEqual([
      "0.004216",
      "0.004244",
    ]);
    expect(texts("summary.ctr", extent(0.0012, 0.032), 0.03125, 0.0012)).toEqual(["0.03125", "0.00120"]);
    expect(texts("summary.cvr", undefined, 0.0042159)).toEqual(["0.004216"]);
    expect(texts("config.C", extent(2e-4, 320), 0.075944, 32.0366, 2e-4)).toEqual([
      "0.075944",
      "32.0366",
      "2e−4",
    ]);
  });

  it("keep small values apart below the large one of a diverged run", () => {
    expect(texts("summary.mse", extent(0.00005, 8e5), 0.12764, 0.1281, 31.25, 8e5, 0)).toEqual([
      "0.1276",
      "0.1281",
      "31.3",
      "800,000.0",
      "0",
    ]);
    expect(texts("summary.p", extent(0, 0.9), 0.00004, 0)).toEqual(["4.00e−5", "0"]);
  });

  it("have as many decimals as the large ones of their column, where that leaves enough digits", () => {
    expect(texts("summary.gpu_hours", extent(41.7, 1950.2), 219.3, 64.1, 42.6, 1950.2)).toEqual([
      "219.3",
      "64.1",
      "42.6",
      "1,950.2",
    ]);
  });

  it("are shortened, all alike and with their digits at hand, where the largest does not fit", () => {
    const range = extent(5000, 301_989_888_000, true);
    const format = formatOf("summary.tokens", undefined, range);
    expect(fittingFormat(format, range, 120)).toBe(format);
    const short = fittingFormat(format, range, 90);
    expect([301_989_888_000, 52_428_800_000, 5000].map((value) => short(value).text)).toEqual([
      "301.99B",
      "52.43B",
      "5,000",
    ]);
    expect(short(301_989_888_000).whole).toBe("301,989,888,000");
  });

  it("have fewer decimals of large numbers, also where the others of the column are unknown", () => {
    expect(texts("summary.reward", undefined, 4384.5801, 985.314, 0.5)).toEqual([
      "4,384.6",
      "985.31",
      "0.5000",
    ]);
  });

  it("show what was set as it was typed", () => {
    expect(texts("config.lr", extent(0, 1), 3e-4, 0.01, 32, true, "sgd")).toEqual([
      "3e−4",
      "0.01",
      "32",
      "true",
      "sgd",
    ]);
  });

  it("show learning rates of one column in one notation", () => {
    expect(texts("config.lr", extent(1e-4, 0.5), 3e-4, 0.001, 0.0125, 2, 0.5)).toEqual([
      "3e−4",
      "1e−3",
      "1.25e−2",
      "2",
      "5e−1",
    ]);
  });

  it("tell odd numbers from texts, and nothing from zero", () => {
    const format = formatOf("summary.loss", undefined, undefined);
    expect(format("NaN")).toEqual({ text: "NaN", kind: "nonfinite" });
    expect(format("-Infinity").text).toBe("−Inf");
    expect(format(null).kind).toBe("none");
    expect(formatOf("notes", undefined, undefined)("NaN").kind).toBe("text");
  });

  it("follow a person's choice", () => {
    expect(formatOf("summary.acc", 2, extent(0, 1))(0.128).text).toBe("0.13");
    expect(formatOf("summary.acc", "all", extent(0, 1))(0.123456789).text).toBe("0.123456789");
    expect(formatOf("config.lr", "exp", undefined)(0.01).text).toBe("1.00e−2");
  });

  it("have a place in their column", () => {
    expect(fractionInExtent(0.5, extent(0, 2))).toBe(0.25);
    expect(fractionInExtent("NaN", extent(0, 2))).toBeNull();
    expect(fractionInExtent(1, extent(1, 1))).toBeNull();
  });

  it("of groups have a spread", () => {
    const format = formatOf("summary.acc", undefined, extent(0, 1));
    expect(spreadText(0.8103, 0.01934, format)).toEqual({ text: "0.8103", spread: "±0.019" });
    expect(spreadText(0.8103, null, format).spread).toBe("");
    expect(spreadText(0, 0.01934, format)).toEqual({ text: "0", spread: "±0.0193" });
    // a small one is not called zero
    expect(spreadText(0.8103, 0.0003, format).spread).toBe("±0.0003");
    expect(spreadText(0.8103, 1e-9, format).spread).toBe("");
  });

  it("add run times up in hours", () => {
    expect([7200, 4166 * 86_400].map(formatRunTime)).toEqual(["2 h 00 min", "99,984 h"]);
  });

  it("are copied as a program writes them", () => {
    expect([0.1, null, ["a", "b"], { a: 1 }, "x"].map(plainText)).toEqual(["0.1", "", "a b", '{"a":1}', "x"]);
  });
});

describe("different values", () => {
  it("are named by how many runs have them", () => {
    const format = formatOf("config.opt", undefined, undefined);
    const values = ["adamw", "sgd", null, "", 3].map((value, i) => ({ value, n_runs: 1200 - 299 * i }));
    expect(distinctText({ values: values.slice(0, 1), n_values: 1 }, format)).toEqual({
      text: "adamw",
      title: "adamw: 1,200 runs",
    });
    expect(distinctText({ values, n_values: 8 }, format)).toEqual({
      text: "adamw, sgd, null +5",
      title: "adamw: 1,200 runs\nsgd: 901 runs\nnull: 602 runs\nempty: 303 runs\n3: 4 runs\n3 other values",
    });
  });
});

describe("csv", () => {
  it("quotes what needs it", () => {
    expect(csvLine(["a,b", 'say "hi"', "two\nlines", null, 0.1, ["x", "y"], true])).toBe(
      '"a,b","say ""hi""","two\nlines",,0.1,"[""x"",""y""]",true\r\n',
    );
  });

  it("escapes formulas, never numbers", () => {
    const values = ["=1+1", "+a", "-5", "-5+A1", "@x", "\tx", "plain", "", -5, null, ["=1"]];
    expect(values.map(escapeFormula)).toEqual([
      "'=1+1",
      "'+a",
      "-5",
      "'-5+A1",
      "'@x",
      "'\tx",
      "plain",
      "",
      -5,
      null,
      ["=1"],
    ]);
  });

  it("writes times to the microsecond", () => {
    expect(csvValue("created", 1_795_200_187_686_216)).toBe("2026-11-20T18:43:07.686216Z");
    expect(csvValue("config.created", 5)).toBe(5);
  });
});
