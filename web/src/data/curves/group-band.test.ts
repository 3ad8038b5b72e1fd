import { describe, expect, it } from "vitest";
import { seriesOf } from "@/testing/series";
import { isNoiseWider } from "./group-band";

/** A group with a center in each of four buckets, and points up to `reach` around it. */
function group(name: string, center: number, reach: number, slope = 1) {
  const mean = [0, 1, 2, 3].map((i) => center + slope * i);
  return seriesOf(mean, {
    group: JSON.stringify([name]),
    min: Float32Array.from(mean, (v) => v - reach),
    max: Float32Array.from(mean, (v) => v + reach),
  });
}

describe("noise of groups", () => {
  it("is wider than what they differ by where their points reach beyond each other", () => {
    expect(isNoiseWider([group("a", 0, 3), group("b", 5, 3)])).toBe(true);
    expect(isNoiseWider([group("a", 0, 2), group("b", 5, 2)])).toBe(false);
  });

  it("hides nothing where it is narrow, and of one group, or of runs", () => {
    expect(isNoiseWider([group("a", 0, 3, 100), group("b", 0, 3, 100)])).toBe(false);
    expect(isNoiseWider([group("a", 0, 3)])).toBe(false);
    expect(isNoiseWider([seriesOf([1, 2]), seriesOf([5, 3])])).toBe(false);
    expect(isNoiseWider([])).toBe(false);
  });

  it("is the same of few wide buckets, as of a small panel, and of many narrow ones, as of full screen", () => {
    // noise that reaches farther within 256 steps than within 16, and groups that differ by less
    const points = (center: number) =>
      Array.from(
        { length: 16_384 },
        (_, i) => center + 2 * Math.sin(i * 0.7) * Math.abs(Math.sin(i * 0.013)),
      );
    const bucketed = (name: string, center: number, level: number) => {
      const size = 2 ** level;
      const all = points(center);
      const starts = Array.from({ length: all.length / size }, (_, i) => i * size);
      const parts = starts.map((from) => all.slice(from, from + size));
      return seriesOf(
        parts.map((part) => part.reduce((sum, v) => sum + v, 0) / size),
        {
          group: JSON.stringify([name]),
          level,
          min: Float32Array.from(parts, (part) => Math.min(...part)),
          max: Float32Array.from(parts, (part) => Math.max(...part)),
        },
      );
    };
    for (const [apart, isWider] of [
      [3.2, true],
      [4.2, false],
    ] as const) {
      const bands = [8, 6, 4].map((level) =>
        isNoiseWider([bucketed("a", 0, level), bucketed("b", apart, level)]),
      );
      expect(bands).toEqual(bands.map(() => isWider));
    }
  });

  it("is not compared over two metrics, nor where one group alone has points", () => {
    expect(isNoiseWider([group("a", 0, 3), { ...group("b", 5, 3), key: "other" }])).toBe(false);
    expect(isNoiseWider([group("a", 0, 3), { ...group("b", 5, 3), firstBucket: 100 }])).toBe(false);
  });
});
