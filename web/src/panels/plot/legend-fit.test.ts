import { describe, expect, it } from "vitest";
import { fittingName } from "@/data/text/name-cut";
import { partsOfNames } from "@/data/text/name-parts";
import { areToldApart, fitLegend } from "./legend-fit";

/** Six px a letter. */
const measure = (text: string) => text.length * 6;
const names = (n: number, letters: number) =>
  Array.from({ length: n }, (_, i) => `${String.fromCharCode(97 + i)}-`.padEnd(letters, "x"));
const legend = (all: readonly string[], width: number) => fitLegend(all, partsOfNames(all), measure, width);

describe("the legend above a chart", () => {
  it("is one line as long as all names fit", () => {
    expect(legend(names(3, 10), 310)).toEqual({ nLines: 1, namesPx: [61, 61, 61] });
    expect(legend([], 310)).toEqual({ nLines: 1, namesPx: [] });
  });

  it("cuts no name that has the room", () => {
    expect(legend(["a".repeat(40)], 500)).toEqual({ nLines: 1, namesPx: [241] });
    expect(legend(["a".repeat(40), "b".repeat(40)], 600)).toEqual({ nLines: 1, namesPx: [241, 241] });
    // each has a line, before both are cut in one
    expect(legend(["a".repeat(40), "b".repeat(40)], 500)).toEqual({ nLines: 2, namesPx: [241, 241] });
    expect(legend(["a".repeat(40)], 200)).toEqual({ nLines: 1, namesPx: [149] });
  });

  it("takes a second line before it cuts names, and leaves names out before it cuts their words", () => {
    expect(legend(["a".repeat(20), "b".repeat(15), "c".repeat(20)], 310)).toEqual({
      nLines: 2,
      namesPx: [121, 91, 121],
    });
    expect(legend(names(4, 25), 310)).toEqual({ nLines: 2, namesPx: [151, 151] });
  });

  it("shares the room of a line among its names, and one alone is whole", () => {
    expect(legend(names(4, 26), 278)).toEqual({ nLines: 2, namesPx: [157, 157] });
    // what a short name leaves is for the long one
    const [short, long] = [`a-${"x".repeat(8)}`, `b-${"x".repeat(38)}`];
    expect(legend([short, long, `c${long}`], 310).namesPx).toEqual([61, 171, 247]);
  });

  it("has a line for each of three names that do not fit into two", () => {
    expect(legend(names(3, 26), 278)).toEqual({ nLines: 3, namesPx: [157, 157, 157] });
  });

  it("tells whole names, a line each, and the number of the others, before pieces of more", () => {
    expect(legend(names(10, 25), 310)).toEqual({ nLines: 2, namesPx: [151, 151] });
    const runs = ["movielens-25m", "amazon-books"].flatMap((data) =>
      ["two-tower", "lightgcn", "sasrec"].flatMap((model, layers) =>
        [0, 1, 2].map((seed) => `${model}-${data}-d64-l${layers + 2}-neg100-lr1e-3-seed${seed}`),
      ),
    );
    const { namesPx } = legend(runs, 310);
    const parts = partsOfNames(runs);
    expect(namesPx.map((px, i) => fittingName(runs[i]!, parts, px, measure))).toEqual([
      "two-tower-movielens-25m-d64-l2-neg100…seed0",
      "two-tower-movielens-25m-d64-l2…seed1",
    ]);
    expect(legend(names(2, 83), 120).namesPx).toHaveLength(2);
    expect(legend(names(26, 66), 60).namesPx).toHaveLength(1);
  });

  it("gives names that would be cut to the same text a line each, and leaves out the others", () => {
    const alike = ["20260101T1200", "20260102T1200", "20260103T1200"].flatMap((begin) =>
      [1, 2, 3, 4].map((seed) => `whisper-${begin}-librispeech-clean-augmented-specaug-seed${seed}`),
    );
    const { namesPx } = legend(alike, 310);
    const n = namesPx.length;
    expect(areToldApart(alike.slice(0, 5), partsOfNames(alike), measure, 62)).toBe(false);
    expect(areToldApart(alike.slice(0, n), partsOfNames(alike), measure, namesPx[0]!)).toBe(true);
    expect(n).toBeGreaterThan(1);
    const long = ["one", "two"].map((end) => `${"a".repeat(200)}${end}${"b".repeat(200)}`);
    expect(legend(long, 310).namesPx).toHaveLength(1);
  });

  it("has a line for each of three names before it cuts the mark that a person wrote behind one, or leaves pieces of them", () => {
    const runs = [
      "llama-1b-bs2048-lr6e-4-wsd-qknorm-s1 BEST",
      "llama-410m-bs512-lr1e-3-wsd-mixB-s1",
      "llama-410m-bs512-lr6e-4-cosine-s2",
    ];
    const parts = partsOfNames(runs);
    const { namesPx } = legend(runs, 259);
    expect(namesPx).toHaveLength(3);
    expect(fittingName(runs[0]!, parts, namesPx[0]!, measure)).toMatch(/1b.*qknorm.*BEST$/);
    expect(fittingName(runs[1]!, parts, namesPx[1]!, measure)).toMatch(/^llama-410m-.*mixB/);
  });

  it("leaves names out before it cuts away what differs among them", () => {
    const runs = ["conformer-large", "transformer-small"].flatMap((model) =>
      ["lr5e-4", "lr3e-4", "lr1e-3"].flatMap((rate) => [1, 2].map((seed) => `${model}-${rate}-seed${seed}`)),
    );
    expect(legend(runs, 310)).toEqual({ nLines: 2, namesPx: [169, 169] });
    const groups = ["conformer", "zipformer"].flatMap((model) =>
      ["0.001", "0.0005", "0.0003", "0.0001"].map((rate) => `${model}, ${rate}`),
    );
    expect(legend(groups, 310)).toEqual({ nLines: 2, namesPx: [97, 103, 103] });
    const longer = groups.map((group) => `${group}00`);
    expect(legend(longer, 310)).toEqual({ nLines: 2, namesPx: [109, 115, 115] });
  });
});
