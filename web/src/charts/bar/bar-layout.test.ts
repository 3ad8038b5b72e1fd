import { describe, expect, it } from "vitest";
import { layOutBars } from "./bar-layout";

const row = (id: string, value: number, low: number | null = null, high: number | null = null) => ({
  id,
  name: id,
  color: 1,
  value,
  low,
  high,
});

describe("bars", () => {
  it("begin at zero, whatever their values are", () => {
    expect(layOutBars([row("a", 320), row("b", 407, 380, 430)], 240, 100)).toMatchObject({ lo: 0, hi: 430 });
    expect(layOutBars([row("a", -3), row("b", -1)], 240, 100)).toMatchObject({ lo: -3, hi: 0 });
    expect(layOutBars([row("a", -3), row("b", 2)], 240, 100)).toMatchObject({ lo: -3, hi: 2 });
    expect(layOutBars([row("a", 0)], 240, 100)).toMatchObject({ lo: 0, hi: 1 });
  });

  it("say how many there is no room for", () => {
    const many = Array.from({ length: 40 }, (_, i) => row(`${i}`, i));
    const { bars, nLeft } = layOutBars(many, 240, 180);
    expect(bars).toHaveLength(9);
    expect(nLeft).toBe(31);
    expect(bars[bars.length - 1]!.y).toBeLessThan(180 - 16);
  });

  it("of a few stay together", () => {
    const { bars } = layOutBars([row("a", 1), row("b", 2)], 240, 1000);
    expect(bars.map((b) => b.y)).toEqual([22, 66]);
  });
});
