import { describe, expect, it } from "vitest";
import { colorOf, RUN_COLORS, spreadColors } from "./color";
import { findNearest } from "./columns";
import { formatAgo, formatDuration, formatTick, formatTimeTick, formatValue } from "./format";
import { titleOf } from "./sections";
import { matcherFor } from "./text-match";

describe("formats", () => {
  it("write values with four decimals, a real minus and grouped thousands", () => {
    expect([0.5, -0.25, 123.456, 17514, 0.00012, 2.5e7, 0].map(formatValue)).toEqual([
      "0.5000",
      "−0.2500",
      "123.5",
      "17,514",
      "1.20e−4",
      "2.50e7",
      "0",
    ]);
    expect([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY].map(formatValue)).toEqual([
      "NaN",
      "Inf",
      "−Inf",
    ]);
  });

  it("write ticks short", () => {
    expect([40_000, 1_200_000, 1e-4, 0.3, -2000].map(formatTick)).toEqual([
      "40k",
      "1.2M",
      "1e−4",
      "0.3",
      "−2k",
    ]);
    expect([0, 30, 90, 7200, 97_200].map(formatTimeTick)).toEqual(["0", "30s", "1m 30s", "2h", "1d 3h"]);
  });

  it("write times in one or two units", () => {
    expect([5, 75, 4 * 3600 + 120, 3 * 86400 + 4 * 3600].map(formatDuration)).toEqual([
      "5 s",
      "1 min 15 s",
      "4 h 02 min",
      "3 d 4 h",
    ]);
    const now = 1_800_000_000_000;
    const ago = (secs: number) => formatAgo((now / 1000 - secs) * 1e6, now);
    expect([1, 40, 300, 7200, 5 * 86400, 40 * 86400].map(ago)).toEqual([
      "now",
      "40 s",
      "5 min",
      "2 h",
      "5 d",
      "5 wk",
    ]);
  });
});

describe("sections", () => {
  it("do not repeat their name in titles", () => {
    expect(["val/loss", "loss", "a/b/c", "a/", "system.cpu"].map(titleOf)).toEqual([
      "loss",
      "loss",
      "b/c",
      "a/",
      "cpu",
    ]);
  });
});

describe("run colours", () => {
  it("are stable and spread evenly over ids that differ little", () => {
    expect(colorOf("ab12cd34")).toBe(colorOf("ab12cd34"));
    const counts = new Array<number>(RUN_COLORS).fill(0);
    for (let i = 0; i < 12_000; i++) counts[colorOf(`run${i}`) - 1]! += 1;
    expect(Math.min(...counts)).toBeGreaterThan(850);
    expect(Math.max(...counts)).toBeLessThan(1150);
  });
});

describe("colours of runs seen together", () => {
  const ids = Array.from({ length: RUN_COLORS }, (_, i) => `run${i}`);

  it("differ, and the oldest has its own", () => {
    const fresh = spreadColors(ids, {});
    expect(new Set(Object.values(fresh)).size).toBe(RUN_COLORS);
    expect(fresh.run11).toBe(colorOf("run11"));
  });

  it("stay when other runs join, which make way", () => {
    const given = spreadColors(ids.slice(4), {});
    const fresh = spreadColors(ids, given);
    expect(Object.keys(fresh).sort()).toEqual(ids.slice(0, 4).sort());
    expect(new Set(Object.values({ ...given, ...fresh })).size).toBe(RUN_COLORS);
  });

  it("are not spread for one run, nor for more runs than colours", () => {
    expect(spreadColors(["a"], {})).toEqual({});
    expect(spreadColors([...ids, "one-more"], {})).toEqual({});
  });
});

describe("searching", () => {
  it("finds text anywhere or by expression, and tells a wrong one", () => {
    expect(matcherFor("LoSS", false).test?.("val/loss")).toBe(true);
    expect(matcherFor("^val/", true).test?.("train/val/")).toBe(false);
    expect(matcherFor("(", true).test).toBeNull();
    expect(matcherFor("(", false).test?.("a(b")).toBe(true);
  });

  it("finds the nearest x", () => {
    const xs = Float64Array.of(0, 10, 20, 21);
    expect([-5, 4, 6, 20.6, 99].map((x) => findNearest(xs, x))).toEqual([0, 0, 1, 3, 3]);
    expect(findNearest(new Float64Array(0), 1)).toBe(-1);
  });
});
