import { describe, expect, it } from "vitest";
import { labelTicks, linearTicks, logTicks, roundEnd, symlogTicks, timeTicks } from "./ticks";

describe("ticks", () => {
  it("are round numbers within the range", () => {
    expect(linearTicks(0, 40_000, 4)).toEqual([0, 10_000, 20_000, 30_000, 40_000]);
    expect(linearTicks(0.13, 0.47, 4)).toEqual([0.2, 0.3, 0.4]);
    expect(linearTicks(-1, 1, 4)).toEqual([-1, -0.5, 0, 0.5, 1]);
  });

  it("of time fall on minutes, hours and days", () => {
    expect(timeTicks(0, 3600, 4)).toEqual([0, 900, 1800, 2700, 3600]);
    expect(timeTicks(0, 4 * 86400, 4)).toEqual([0, 86400, 172800, 259200, 345600]);
  });

  it("of a log axis are powers of ten, fewer when there are many, finer when there are few", () => {
    expect(logTicks(1e-5, 1, 6)).toEqual([1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1]);
    expect(logTicks(1e-12, 1, 4).length).toBeLessThanOrEqual(5);
    expect(logTicks(1, 40, 4)).toEqual([1, 2, 5, 10, 20]);
    expect(logTicks(3, 4, 4).length).toBeGreaterThan(1);
  });

  it("of a log axis over about a decade are at least four, where there is room", () => {
    expect(logTicks(2.2, 12, 9)).toEqual([2.5, 3, 4, 5, 6, 8, 10]);
    expect(logTicks(2.2, 12, 5)).toEqual([2.5, 4, 6, 10]);
    // no round number is near the upper end
    expect(logTicks(2.07, 13.5, 9)).toEqual([2.5, 3, 4, 5, 6, 8, 10]);
    expect(logTicks(1, 10, 9)).toEqual([1, 2, 5, 10]);
    expect(logTicks(2.3, 3.1, 5)).toEqual([2.4, 2.6, 2.8, 3]);
    expect(logTicks(2e-4, 1e-3, 9)).toEqual([2e-4, 3e-4, 5e-4, 1e-3]);
    expect(logTicks(2.2, 12, 2)).toEqual([5, 10]);
  });

  it("of a symlog axis are 0 and powers of ten on both sides, of one side only where there is one", () => {
    expect(symlogTicks(-100, 1000, 6)).toEqual([-10, 0, 10, 1000]);
    expect(symlogTicks(5, 500, 6).every((v) => v >= 5 && v <= 500)).toBe(true);
    expect(symlogTicks(-0.02, 0.02, 4)).toContain(0);
    for (const [lo, hi] of [
      [-3, 3],
      [0, 1e9],
      [-1e-7, 1e-9],
      [2, 2],
    ] as const)
      expect(symlogTicks(lo, hi, 5).length).toBeLessThan(14);
  });

  it("of an empty range do not hang", () => {
    expect(linearTicks(5, 5, 4)).toEqual([5]);
    expect(timeTicks(5, 5, 4)).toEqual([5]);
    expect(linearTicks(1.1, 1.1 + 4e-16, 4)).toEqual([1.1]);
    expect(linearTicks(1.1e300, 1.1e300 * (1 + 4e-16), 4)).toHaveLength(1);
  });
});

describe("labels beside an axis", () => {
  it("are plain while they fit", () => {
    expect(labelTicks([0, 0.5, 1])).toEqual({ texts: ["0", "0.5", "1"], note: null });
    expect(labelTicks([1e15, 2e15])).toEqual({ texts: ["1e15", "2e15"], note: null });
    expect(labelTicks([5e-4, 1e-3, 0.01, 1]).texts).toEqual(["5e−4", "1e−3", "1e−2", "1"]);
    expect(labelTicks([1e-3, 0.01]).texts).toEqual(["0.001", "0.01"]);
    expect(labelTicks([])).toEqual({ texts: [], note: null });
  });

  it("share a factor when they are too long", () => {
    expect(labelTicks([0, 5e-13, 1e-12, 1.5e-12])).toEqual({
      texts: ["0", "0.5", "1", "1.5"],
      note: "×1e−12",
    });
  });

  it("are multiples of a power of ten for rates that differ little", () => {
    expect(labelTicks([0.0041, 0.00415, 0.0042, 0.00425])).toEqual({
      texts: ["4.1", "4.15", "4.2", "4.25"],
      note: "×0.001",
    });
  });

  it("share a summand when they differ in their last digits only", () => {
    expect(labelTicks([1e9, 1e9 + 100, 1e9 + 200])).toEqual({
      texts: ["+0", "+100", "+200"],
      note: "1,000,000,000 +",
    });
    expect(labelTicks([0.123456, 0.12345602, 0.12345604])).toEqual({
      texts: ["+0", "+2e−8", "+4e−8"],
      note: "0.123456 +",
    });
  });
});

describe("the end of an axis", () => {
  it("is the next round number when that is near", () => {
    expect(roundEnd(0, 39_980)).toBe(40_000);
    expect(roundEnd(0, 299)).toBe(300);
    expect(roundEnd(0, 34_400)).toBe(34_400);
  });
});
