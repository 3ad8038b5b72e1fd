import { describe, expect, it } from "vitest";
import type { SmoothingKind } from "../view/settings";
import { smooth } from "./smooth";

/** Unevenly spaced x and a curve with noise, the same with every call. */
function noisy(n: number): { x: Float64Array; y: Float64Array } {
  let seed = 7;
  const random = () => {
    seed = (seed * 16807) % 2147483647;
    return seed / 2147483647;
  };
  const x = Float64Array.from({ length: n }, () => random() * 1000).sort();
  const y = x.map((v) => 1e6 + Math.sin(v / 100) + random());
  return { x, y };
}

const WEIGHTS: Record<Exclude<SmoothingKind, "none" | "ema">, (far: number, width: number) => number> = {
  mean: (far, width) => (far <= width / 2 ? 1 : 0),
  gaussian: (far, width) => Math.exp(-0.5 * (far / (width / Math.sqrt(12))) ** 2),
};

describe("smoothing", () => {
  it.each(["mean", "gaussian"] as const)(
    "%s weighs each point by its distance, as brute force does",
    (kind) => {
      const { x, y } = noisy(300);
      const smoothed = smooth(x, y, { kind, amount: 0.1 }, 1000);
      for (let i = 0; i < x.length; i++) {
        let sum = 0;
        let weights = 0;
        for (let j = 0; j < x.length; j++) {
          const weight = WEIGHTS[kind](Math.abs(x[j]! - x[i]!), 100);
          sum += weight * y[j]!;
          weights += weight;
        }
        expect(Math.abs(smoothed[i]! - sum / weights)).toBeLessThan(kind === "mean" ? 1e-8 : 5e-3);
      }
    },
  );

  it("ema is the debiased sum over all points before, faded by distance", () => {
    const { x, y } = noisy(60);
    const smoothed = smooth(x, y, { kind: "ema", amount: 0.81 }, 1000);
    for (let i = 1; i < x.length; i++) {
      // each point came in with 1 - fade of its own step, then faded over the distance to here
      let sum = 0;
      let weights = 0;
      for (let j = 0; j <= i; j++) {
        const own = 1 - (j === 0 ? 0.9 : 0.9 ** (x[j]! - x[j - 1]!));
        const weight = own * 0.9 ** (x[i]! - x[j]!);
        sum += weight * y[j]!;
        weights += weight;
      }
      expect(smoothed[i]).toBeCloseTo(sum / weights, 6);
    }
  });

  it.each(["ema", "mean", "gaussian"] as const)(
    "%s leaves a flat curve flat and 0 leaves all as it is",
    (kind) => {
      const { x, y } = noisy(50);
      expect(smooth(x, y, { kind, amount: 0 }, 1000)).toBe(y);
      const flat = new Float64Array(50).fill(1e9 + 0.25);
      for (const v of smooth(x, flat, { kind, amount: 0.9 }, 1000)) expect(v).toBeCloseTo(1e9 + 0.25, 6);
    },
  );
});
