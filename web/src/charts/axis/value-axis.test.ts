import { describe, expect, it } from "vitest";
import { fractionOf, numberAt, valueAxis, valueTicks, xTicks, yTicks } from "./value-axis";

const parameter = { choice: "auto", isParameter: true } as const;
const result = { choice: "auto", isParameter: false } as const;

describe("an axis over values", () => {
  it("is logarithmic by itself where parameters differ by magnitude, and results never", () => {
    expect(valueAxis([1e-4, 1e-3, 1e-2], parameter)?.kind).toBe("log");
    expect(valueAxis([1e-4, 1e-3, 1e-2], result)?.kind).toBe("linear");
    expect(valueAxis([0, 1e-3, 1e-2], parameter)?.kind).toBe("linear");
    const even = Array.from({ length: 50 }, (_, i) => (i + 1) / 50);
    expect(valueAxis(even, parameter)?.kind).toBe("linear");
  });

  it("has texts side by side in their order, numbers among them by size", () => {
    expect(valueAxis(["swin-t", "convnext", null, "swin-t"], parameter)).toEqual({
      kind: "category",
      levels: ["convnext", "swin-t"],
    });
    expect(valueAxis([64, 16, 32, 16], { ...parameter, fewLevels: 6 })).toEqual({
      kind: "category",
      levels: ["16", "32", "64"],
    });
    // sampled, and not chosen from a few
    expect(valueAxis([0.27100577, 0.4756944], { ...parameter, fewLevels: 6 })?.kind).toBe("linear");
    const seeds = valueAxis([1003, 1001, 1002, 1.2e-4, 1.24e-4], { ...parameter, choice: "category" });
    expect(seeds).toEqual({ kind: "category", levels: ["1.2e−4", "1.24e−4", "1,001", "1,002", "1,003"] });
    // also numbers that are texts
    const sizes = valueAxis(["1024", "2048", "256", "512"], parameter);
    expect(sizes).toEqual({ kind: "category", levels: ["256", "512", "1024", "2048"] });
    const rates = valueAxis(["1e-3", "auto", "2e-3", 6e-4, "3e-4"], parameter);
    expect(rates).toEqual({ kind: "category", levels: ["3e-4", "6e−4", "1e-3", "2e-3", "auto"] });
    expect(valueAxis([true, false], parameter)).toEqual({ kind: "category", levels: ["false", "true"] });
  });

  it("of numbers stays one where some are not finite", () => {
    const axis = valueAxis([1, "NaN", 3], result)!;
    expect(axis).toEqual({ kind: "linear", lo: 1, hi: 3, isWhole: true });
    expect(fractionOf(axis, "NaN")).toBeNull();
    expect(fractionOf(axis, 2)).toBe(0.5);
  });

  it("places by magnitude, and leaves out what has none", () => {
    const axis = valueAxis([1, 10, 100, -5], { choice: "log", isParameter: false })!;
    expect(fractionOf(axis, 10)).toBeCloseTo(0.5, 12);
    expect(fractionOf(axis, -5)).toBeNull();
    expect(numberAt(axis, 0.5)).toBeCloseTo(10, 9);
  });

  it("of one value has it in the middle, of none does not exist", () => {
    expect(fractionOf(valueAxis([7], result)!, 7)).toBeCloseTo(0.5, 12);
    expect(fractionOf(valueAxis([0], result)!, 0)).toBe(0.5);
    expect(valueAxis([null, "NaN"], { choice: "linear", isParameter: false })).toBeNull();
    expect(valueAxis([], parameter)).toBeNull();
  });

  it("of whole numbers has no ticks between them", () => {
    const texts = (values: number[]) => valueTicks(valueAxis(values, result)!, 600, 60).map((t) => t.text);
    expect(texts([0, 1, 2])).toEqual(["0", "1", "2"]);
    expect(texts([7])).toEqual(["7"]);
    expect(texts([0, 0.5, 2])).toContain("0.2");
  });

  it("tells large numbers apart that are nearly equal", () => {
    const texts = (...values: number[]) =>
      yTicks(valueAxis(values, { ...result, pad: 0.05 })!, 140).map((t) => t.text);
    expect(texts(310_000_000_000, 310_000_000_001)).toEqual(["310,000,000,000", "+1"]);
    expect(texts(310_000_000_000, 310_000_000_050).slice(0, 3)).toEqual(["310,000,000,000", "+10", "+20"]);
    expect(texts(12, 310_000_000_000)).toContain("100B");
    expect(texts(0.12345601, 0.12345605)[1]).toMatch(/^\+/);
  });

  it("at the left has no more numbers than help, however high the chart is, and all texts that have room", () => {
    const numbers = valueAxis([0.019, 0.0252], result)!;
    expect(yTicks(numbers, 770).length).toBeLessThan(15);
    expect(yTicks(numbers, 770)).toEqual(yTicks(numbers, 342));
    const levels = Array.from({ length: 40 }, (_, i) => `level ${i}`);
    expect(yTicks(valueAxis(levels, parameter)!, 770)).toHaveLength(40);
  });

  it("has numbers in one notation where powers of ten need two digits", () => {
    const texts = valueTicks({ kind: "linear", lo: 5.2e-5, hi: 1.09e-3 }, 600, 26).map((t) => t.text);
    expect(texts).toContain("9.5e−4");
    expect(texts.filter((text) => !text.includes("e"))).toEqual([]);
    expect(new Set(texts).size).toBe(texts.length);
  });

  it("thins texts that do not fit, and labels numbers roundly", () => {
    const many = valueAxis(
      Array.from({ length: 40 }, (_, i) => `level ${i}`),
      parameter,
    )!;
    expect(valueTicks(many, 140, 26)).toHaveLength(10);
    const rates = { kind: "log", lo: 5e-5, hi: 7e-3 } as const;
    expect(valueTicks(rates, 130, 76).map((t) => t.text)).toEqual(["1e−4", "1e−3"]);
    expect(valueTicks(rates, 600, 76).map((t) => t.text)).toContain("2e−3");
    expect(valueTicks({ kind: "linear", lo: 0, hi: 1 }, 160, 40).map((t) => t.text)).toEqual([
      "0",
      "0.2",
      "0.4",
      "0.6",
      "0.8",
      "1",
    ]);
  });
});

describe("the texts of an x axis", () => {
  const pxOf = (text: string) => 7 * text.length;

  it.each([
    ["one learning rate", [6e-4], 420],
    ["one learning rate in little room", [6e-4], 90],
    ["rates by magnitude", [1e-5, 2.5e-4, 1e-2], 160],
    ["values near each other", [1.00001, 1.00002], 150],
  ])("do not run into each other: %s", (_, values, px) => {
    const ticks = xTicks(valueAxis(values, parameter)!, px, pxOf);
    expect(ticks.length).toBeGreaterThan(0);
    for (const [i, tick] of ticks.slice(1).entries()) {
      const left = ticks[i]!;
      expect((tick.fraction - left.fraction) * px).toBeGreaterThan((pxOf(left.text) + pxOf(tick.text)) / 2);
    }
  });

  it("are the numbers that they stand at, however small and near those are", () => {
    for (const value of [1e-4, 3e-7, 123_456_789]) {
      const axis = valueAxis([value], result)!;
      const ticks = xTicks(axis, 420, pxOf);
      expect(ticks.length).toBeGreaterThan(2);
      for (const { text, fraction } of ticks.filter(({ text: shown }) => !/^\+|[kMB]$/.test(shown)))
        expect(Number(text.replace("−", "-").replaceAll(",", ""))).toBeCloseTo(numberAt(axis, fraction), 9);
    }
  });

  it("stand as near as before where they are short", () => {
    const axis = valueAxis([0, 10], result)!;
    expect(xTicks(axis, 400, pxOf)).toEqual(valueTicks(axis, 400, 64));
  });
});
