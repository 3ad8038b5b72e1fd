import { describe, expect, it } from "vitest";
import { findNearest } from "./curves/columns";
import { titleOf } from "./metrics/sections";
import {
  colorOfGroup,
  colorOfRun,
  colorsApart,
  GROUP_COLORS,
  groupColors,
  groupOfRun,
  RUN_COLORS,
  withDistinctColors,
} from "./runs/color";
import {
  formatAgo,
  formatDuration,
  formatTick,
  formatTimeTick,
  formatValue,
  inOneNotation,
} from "./text/format";
import { matcherFor } from "./text/text-match";
import { groupId } from "./view/view";

describe("formats", () => {
  it("write parameters that stand together in one notation", () => {
    expect(inOneNotation(["3e−4", "0.001", "not set", "−0.05", "32", "1.5"])).toEqual([
      "3e−4",
      "1e−3",
      "not set",
      "−5e−2",
      "32",
      "1.5",
    ]);
    expect(inOneNotation(["0.001", "0.01"])).toEqual(["0.001", "0.01"]);
    expect(inOneNotation(["resnet-3e−4", "0.1"])).toEqual(["resnet-3e−4", "0.1"]);
  });

  it("write values with four decimals, whole ones without, a real minus and grouped thousands", () => {
    expect([0.5, -0.25, 123.456, 14, -100, 17514, 0.00012, 2.5e7, 0].map(formatValue)).toEqual([
      "0.5000",
      "−0.2500",
      "123.5",
      "14",
      "−100",
      "17,514",
      "1.2e−4",
      "2.5e7",
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
    expect([0.314, 5, 9.97, 75, 4 * 3600 + 120, 3 * 86400 + 4 * 3600].map(formatDuration)).toEqual([
      "0.31 s",
      "5 s",
      "10 s",
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

describe("colors of runs that are shown together", () => {
  const runs = (...colors: number[]) => colors.map((color, i) => ({ id: `r${i}`, color }));
  it("are told apart by changing as few as possible", () => {
    expect(colorsApart(runs(3, 1, 3, 12, 12))).toEqual(
      new Map([
        ["r2", 4],
        ["r4", 2],
      ]),
    );
    expect(colorsApart(runs(3, 1, 2)).size).toBe(0);
    const twelve = runs(...Array<number>(RUN_COLORS).fill(5));
    const apart = colorsApart(twelve);
    const colors = twelve.map(({ id, color }) => apart.get(id) ?? color);
    expect(new Set(colors).size).toBe(RUN_COLORS);
  });
  it("are those of a comparison: the first of one color keeps it", () => {
    const compared = runs(3, 3, 7, 3);
    expect(withDistinctColors(compared).map(({ color }) => color)).toEqual([3, 4, 7, 5]);
    expect(compared.map(({ color }) => color)).toEqual([3, 3, 7, 3]);
  });
  it("are told apart among more colors, where groups have them", () => {
    const groups = runs(...Array<number>(GROUP_COLORS).fill(5));
    const apart = colorsApart(groups, GROUP_COLORS);
    expect(new Set(groups.map(({ id, color }) => apart.get(id) ?? color)).size).toBe(GROUP_COLORS);
  });
  it("stay where there are more runs than colors", () => {
    expect(colorsApart(runs(...Array<number>(RUN_COLORS + 1).fill(5))).size).toBe(0);
  });
});

describe("colors of groups", () => {
  const ids = Array.from({ length: RUN_COLORS }, (_, i) => groupId([i]));

  it("differ as far as there are twelve, and groups that come later change none", () => {
    const colors = groupColors(ids);
    expect(new Set(Object.values(colors)).size).toBe(RUN_COLORS);
    for (let n = 1; n < ids.length; n++) expect(colors).toMatchObject(groupColors(ids.slice(0, n)));
  });

  it("are spread evenly over more groups than colors", () => {
    const counts = new Array<number>(GROUP_COLORS).fill(0);
    const many = Array.from({ length: 12_000 }, (_, i) => `run${i}`);
    for (const color of Object.values(groupColors(many))) counts[color - 1]! += 1;
    expect(new Set(counts)).toEqual(new Set([12_000 / GROUP_COLORS]));
  });

  it("differ among 24 groups, the first twelve in the usual colors", () => {
    const many = Array.from({ length: GROUP_COLORS }, (_, i) => groupId(["dropout", i]));
    const colors = groupColors(many);
    expect(new Set(many.map((id) => colors[id])).size).toBe(GROUP_COLORS);
    expect(Math.max(...many.slice(0, RUN_COLORS).map((id) => colors[id]!))).toBeLessThanOrEqual(RUN_COLORS);
  });

  it("that are fixed stay, in whatever order the groups come", () => {
    const many = Array.from({ length: 15 }, (_, i) => groupId([`arch-${i}`]));
    const before = groupColors(many);
    const after = groupColors([groupId(["new"]), ...many.toReversed()], before);
    expect(many.map((id) => after[id])).toEqual(many.map((id) => before[id]));
    expect(Object.values(before)).not.toContain(after[groupId(["new"])]);
  });

  it("that are preferred hold as far as the groups differ", () => {
    const [a, b, c] = ids as [string, string, string];
    expect(groupColors([a, b, c], {}, { [a]: 20, [b]: 7, [c]: 20 })).toEqual({ [a]: 20, [b]: 7, [c]: 9 });
  });

  it("leave a color that a person gave, and give it to no other", () => {
    const first = groupColors(ids.slice(0, 3));
    const [a, b, c] = ids as [string, string, string];
    const chosen = { [a]: first[b]! };
    const colors = groupColors([a, b, c], chosen);
    expect(colors[a]).toBe(first[b]);
    expect(new Set([colors[a], colors[b], colors[c]]).size).toBe(3);
  });

  it("are those of the values that runs have, also of runs that have none", () => {
    const values = { opt: "adam", tags: ["x", "y"], layers: [1, 2], lr: null, wd: null };
    const groupOf = (column: string) => groupOfRun({ values, nulls: ["lr"] }, [column]);
    expect(groupOf("opt")).toBe(groupId(["adam"]));
    expect(groupOf("tags")).toBe(groupId(["x"]));
    expect(groupOf("layers")).toBe(groupId([[1, 2]]));
    expect(groupOf("lr")).toBe(groupId([null]));
    expect(groupOf("wd")).toBe(groupId([{ _type: "missing" }]));
    expect(groupOfRun({ values }, ["opt", "tags", "wd"])).toBe(groupId(["adam", "x", { _type: "missing" }]));
  });

  it("are a run's own until its value is known", () => {
    const colors = groupColors([groupId(["adam"])]);
    expect(colorOfRun({ color: 5, values: {} }, ["config.opt"], colors)).toBe(5);
    expect(colorOfRun({ color: 5 }, ["config.opt"], colors)).toBe(5);
    expect(colorOfRun({ color: 5, values: { "config.opt": "adam" } }, [], colors)).toBe(5);
    const colored = colorOfRun({ color: 5, values: { "config.opt": "adam" } }, ["config.opt"], colors);
    expect(colored).toBe(colors[groupId(["adam"])]);
    const none = colorOfRun({ color: 5, values: { "config.opt": null } }, ["config.opt"], colors);
    expect(none).toBe(colorOfGroup(colors, groupId([{ _type: "missing" }])));
  });
});

describe("searching", () => {
  it("finds text anywhere or by expression, and tells a wrong one", () => {
    expect(matcherFor("LoSS", false).test?.("val/loss")).toBe(true);
    expect(matcherFor("^val/", true).test?.("train/val/")).toBe(false);
    expect(matcherFor("(", true).test).toBeNull();
    expect(matcherFor("(", false).test?.("a(b")).toBe(true);
    expect(matcherFor(" loss VAL", false).test?.("val/loss")).toBe(true);
    expect(matcherFor("val acc", false).test?.("val/loss")).toBe(false);
  });

  it("finds the nearest x", () => {
    const xs = Float64Array.of(0, 10, 20, 21);
    expect([-5, 4, 6, 20.6, 99].map((x) => findNearest(xs, x))).toEqual([0, 0, 1, 3, 3]);
    expect(findNearest(new Float64Array(0), 1)).toBe(-1);
  });
});
