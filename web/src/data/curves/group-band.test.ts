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

  it("is not compared over two metrics, nor where one group alone has points", () => {
    expect(isNoiseWider([group("a", 0, 3), { ...group("b", 5, 3), key: "other" }])).toBe(false);
    expect(isNoiseWider([group("a", 0, 3), { ...group("b", 5, 3), firstBucket: 100 }])).toBe(false);
  });
});
