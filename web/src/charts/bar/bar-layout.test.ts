import { describe, expect, it } from "vitest";
import { heightOf, layOutBars, valueText } from "./bar-layout";

const row = (id: string, value: number, low: number | null = null, high: number | null = null) => ({
  id,
  name: id,
  color: 1,
  value,
  low,
  high,
  numbers: [value],
});

describe("bars", () => {
  it("begin at zero, whatever their values are", () => {
    expect(layOutBars([row("a", 320), row("b", 407, 380, 430)], "bar", 240, 100)).toMatchObject({
      lo: 0,
      hi: 430,
    });
    expect(layOutBars([row("a", -3), row("b", -1)], "bar", 240, 100)).toMatchObject({ lo: -3, hi: 0 });
    expect(layOutBars([row("a", -3), row("b", 2)], "bar", 240, 100)).toMatchObject({ lo: -3, hi: 2 });
    expect(layOutBars([row("a", 0)], "bar", 240, 100)).toMatchObject({ lo: 0, hi: 1 });
  });

  it("say how many there is no room for", () => {
    const many = Array.from({ length: 40 }, (_, i) => row(`${i}`, i));
    const { bars, nLeft } = layOutBars(many, "bar", 240, 180);
    expect(bars).toHaveLength(9);
    expect(nLeft).toBe(31);
    expect(bars[bars.length - 1]!.y).toBeLessThan(180 - 16);
  });

  it("all have room in the height that they need", () => {
    const many = Array.from({ length: 40 }, (_, i) => row(`${i}`, i));
    expect(layOutBars(many, "bar", 240, heightOf(many.length)).nLeft).toBe(0);
    expect(heightOf(100_000)).toBeLessThan(10_000);
  });

  it("of a few stay together", () => {
    const { bars } = layOutBars([row("a", 1), row("b", 2)], "bar", 240, 1000);
    expect(bars.map((b) => b.y)).toEqual([22, 66]);
  });

  it("that show distributions have all numbers in their range, and need no zero", () => {
    const spread = { ...row("a", 0.92), numbers: [0.9, 0.91, 0.95] };
    for (const look of ["box", "violin"] as const) {
      const { lo, hi, bars } = layOutBars([spread, row("b", 0.93)], look, 240, 200);
      expect(lo).toBeGreaterThan(0.89);
      expect(lo).toBeLessThan(0.9);
      expect(hi).toBeGreaterThan(0.95);
      expect(bars.map(({ box }) => box !== null)).toEqual([look === "box", look === "box"]);
      expect(bars.map(({ outline }) => outline !== null)).toEqual([look === "violin", false]);
    }
    expect(layOutBars([row("a", 5)], "box", 240, 200)).toMatchObject({ lo: 4.8, hi: 5.2 });
    expect(layOutBars([], "violin", 240, 200)).toMatchObject({ lo: 0, hi: 1 });
  });
});

describe("the value at a bar's end", () => {
  it("has the notation of the axis where it is large", () => {
    expect([8_490_966_441, 1_250_000, -2e6, 999_999, 0.5].map(valueText)).toEqual([
      "8.49B",
      "1.25M",
      "\u22122M",
      "999,999",
      "0.5000",
    ]);
  });
});
