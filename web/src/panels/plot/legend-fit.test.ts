import { describe, expect, it } from "vitest";
import { fittingName, partsOfNames } from "@/data/text/name-cut";
import { areToldApart, fitLegend } from "./legend-fit";

/** Six px a letter. */
const measure = (text: string) => text.length * 6;
const names = (n: number, letters: number) =>
  Array.from({ length: n }, (_, i) => `${String.fromCharCode(97 + i)}-`.padEnd(letters, "x"));
const legend = (all: readonly string[], width: number) => fitLegend(all, partsOfNames(all), measure, width);

describe("the legend above a chart", () => {
  it("is one line as long as all names fit", () => {
    expect(legend(names(3, 10), 310)).toMatchObject({ nLines: 1, namePx: 160, n: 3 });
    expect(legend([], 310)).toMatchObject({ nLines: 1, n: 0 });
  });

  it("cuts no name that has the room", () => {
    expect(legend(["a".repeat(40)], 500)).toMatchObject({ nLines: 1, namePx: 241, n: 1 });
    expect(legend(["a".repeat(40), "b".repeat(40)], 600)).toMatchObject({ nLines: 1, namePx: 241, n: 2 });
    expect(legend(["a".repeat(40), "b".repeat(40)], 500)).toMatchObject({ nLines: 1, namePx: 211, n: 2 });
    expect(legend(["a".repeat(40)], 200)).toMatchObject({ namePx: 115, n: 1 });
  });

  it("takes a second line, then cuts names, before it leaves one out", () => {
    expect(legend(["a".repeat(20), "b".repeat(15), "c".repeat(20)], 310)).toMatchObject({
      nLines: 2,
      namePx: 225,
      n: 3,
    });
    expect(legend(names(4, 25), 310)).toMatchObject({ nLines: 2, namePx: 116, n: 4 });
  });

  it("gives names the room of their lines, and the last one the rest of its own", () => {
    // two of 100 px in the first line; below them one alone
    expect(legend(names(3, 26), 278)).toEqual({ nLines: 2, namePx: 100, lastPx: 227, n: 3 });
  });

  it("tells five of ten long names in 310 px, and the number of the others", () => {
    expect(legend(names(10, 25), 310)).toMatchObject({ nLines: 2, namePx: 68, n: 5 });
    expect(legend(names(2, 83), 120)).toMatchObject({ n: 2 });
    expect(legend(names(26, 66), 60)).toMatchObject({ n: 1 });
  });

  it("gives names that would be cut to the same text a line each, and leaves out the others", () => {
    const alike = ["20260101T1200", "20260102T1200", "20260103T1200"].flatMap((begin) =>
      [1, 2, 3, 4].map((seed) => `whisper-${begin}-librispeech-clean-augmented-specaug-seed${seed}`),
    );
    const { namePx, n } = legend(alike, 310);
    expect(areToldApart(alike.slice(0, 5), partsOfNames(alike), measure, 62)).toBe(false);
    expect(areToldApart(alike.slice(0, n), partsOfNames(alike), measure, namePx)).toBe(true);
    expect(n).toBeGreaterThan(1);
    const long = ["one", "two"].map((end) => `${"a".repeat(200)}${end}${"b".repeat(200)}`);
    expect(legend(long, 310)).toMatchObject({ n: 1 });
  });

  it("leaves a name out before it cuts the mark that a person wrote behind one, or leaves pieces of three", () => {
    const runs = [
      "llama-1b-bs2048-lr6e-4-wsd-qknorm-s1 BEST",
      "llama-410m-bs512-lr1e-3-wsd-mixB-s1",
      "llama-410m-bs512-lr6e-4-cosine-s2",
    ];
    const parts = partsOfNames(runs);
    const { nLines, namePx, n } = legend(runs, 259);
    expect([nLines, n]).toEqual([2, 2]);
    expect(fittingName(runs[0]!, parts, namePx, measure)).toMatch(/1b.*qknorm.*BEST$/);
    expect(fittingName(runs[1]!, parts, namePx, measure)).toMatch(/^llama-410m-.*mixB/);
  });

  it("leaves names out before it cuts away what differs among them", () => {
    const runs = ["conformer-large", "transformer-small"].flatMap((model) =>
      ["lr5e-4", "lr3e-4", "lr1e-3"].flatMap((rate) => [1, 2].map((seed) => `${model}-${rate}-seed${seed}`)),
    );
    expect(legend(runs, 310)).toMatchObject({ nLines: 2, namePx: 116, n: 3 });
    const groups = ["conformer", "zipformer"].flatMap((model) =>
      ["0.001", "0.0005", "0.0003", "0.0001"].map((rate) => `${model}, ${rate}`),
    );
    expect(legend(groups, 310)).toMatchObject({ nLines: 2, namePx: 68, n: 5 });
    const longer = groups.map((group) => `${group}00`);
    // no narrower than three are
    expect(legend(longer, 310)).toMatchObject({ nLines: 2, namePx: 225, n: 3 });
  });
});
