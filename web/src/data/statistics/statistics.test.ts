import { describe, expect, it } from "vitest";
import { ranks, spearman } from "./correlation";
import { orderByCorrelation } from "./correlation-order";
import { type Feature, forestImportance } from "./forest";
import { mainEffects } from "./main-effects";
import { rankParameters } from "./parameters";
import { medianOf, quantile } from "./quantile";

function numbers(values: readonly number[]): Feature {
  return { isCategory: false, values: Float64Array.from(values) };
}

/** Points that fill the unit cube evenly (additive recurrence), so that parameters are independent. */
function spread(n: number, nColumns: number): number[][] {
  return Array.from({ length: nColumns }, (_, c) =>
    Array.from({ length: n }, (_, i) => ((i + 1) * Math.sqrt([2, 3, 5, 7, 11][c]!)) % 1),
  );
}

describe("Spearman's correlation", () => {
  it("shares ranks among equal values", () => {
    expect([...ranks([10, 30, 30, 20, 30])]).toEqual([1, 4, 4, 2, 4]);
  });

  it("is what scipy.stats.spearmanr says", () => {
    expect(spearman([1, 2, 3, 4, 5], [5, 6, 7, 8, 7])).toBeCloseTo(0.8207826816681233, 12);
    expect(
      spearman([106, 100, 86, 101, 99, 103, 97, 113, 112, 110], [7, 27, 2, 50, 28, 29, 20, 12, 6, 17]),
    ).toBeCloseTo(-0.17575757575757575, 12);
    expect(spearman([1, 2, 3], [1e-9, 1, 1e9])).toBe(1);
  });

  it("leaves pairs out that are not finite, and has no value where one side does not vary", () => {
    expect(spearman([1, 2, Number.NaN, 3], [3, 2, 0, 1])).toBe(-1);
    expect(spearman([1, 1, 1], [1, 2, 3])).toBeNull();
    expect(spearman([1], [1])).toBeNull();
  });
});

describe("importance", () => {
  it("goes to what the result is made of, in about the parts that it has in its variance", () => {
    const [a, b, c, d] = spread(400, 4) as [number[], number[], number[], number[]];
    const target = Float64Array.from(a, (v, i) => 3 * v + b[i]!);
    const { permutation: shares, r2 } = forestImportance([a, b, c, d].map(numbers), target);
    // variances 9 : 1
    expect(shares[0]).toBeGreaterThan(0.8);
    expect(shares[0]).toBeLessThan(0.95);
    expect(shares[1]).toBeGreaterThan(0.05);
    expect(shares[2]! + shares[3]!).toBeLessThan(0.02);
    expect(r2).toBeGreaterThan(0.9);
    expect(shares.reduce((x, y) => x + y)).toBeCloseTo(1, 12);
  });

  it("of more runs than a tree grows from is the same", () => {
    const [a, b, c] = spread(12_000, 3) as [number[], number[], number[]];
    const target = Float64Array.from(a, (v, i) => 3 * v + b[i]!);
    const { permutation, variance, r2 } = forestImportance([a, b, c].map(numbers), target);
    expect(permutation[0]).toBeGreaterThan(0.85);
    expect(permutation[0]).toBeLessThan(0.95);
    expect(variance[1]).toBeGreaterThan(0.07);
    expect(variance[1]).toBeLessThan(0.12);
    expect(permutation[2]).toBeLessThan(0.001);
    expect(r2).toBeGreaterThan(0.98);
  });

  it("sees what no rank correlation sees: a best value in the middle", () => {
    const [a, b] = spread(300, 2) as [number[], number[]];
    const target = Float64Array.from(a, (v) => -((v - 0.5) ** 2));
    expect(Math.abs(spearman(a, target)!)).toBeLessThan(0.1);
    expect(forestImportance([a, b].map(numbers), target).permutation[0]).toBeGreaterThan(0.97);
  });

  it("of noise tells nothing of runs that were left out", () => {
    const [a, b, noise] = spread(200, 5).slice(2) as [number[], number[], number[]];
    expect(forestImportance([a, b].map(numbers), Float64Array.from(noise)).r2).toBeLessThan(0.2);
  });

  it("splits categories by their result, not by their name, and is the same each time", () => {
    const codes = Array.from({ length: 120 }, (_, i) => i % 4);
    const [x] = spread(120, 1) as [number[]];
    const target = Float64Array.from(codes, (code) => [0, 5, 1, 5][code]!);
    const features = [{ isCategory: true, values: Float64Array.from(codes) }, numbers(x)];
    const first = forestImportance(features, target);
    expect(first.permutation[0]).toBeGreaterThan(0.97);
    expect(forestImportance(features, target)).toEqual(first);
  });
});

describe("the variance that each parameter explains by itself", () => {
  it("is 0.9 and 0.1 of 3 a + b", () => {
    const [a, b] = spread(500, 2) as [number[], number[]];
    const target = Float64Array.from(a, (v, i) => 3 * v + b[i]!);
    const { variance } = forestImportance([a, b].map(numbers), target);
    expect(variance[0]).toBeGreaterThan(0.86);
    expect(variance[0]).toBeLessThan(0.94);
    expect(variance[1]).toBeGreaterThan(0.06);
    expect(variance[1]).toBeLessThan(0.12);
  });

  it("leaves out what only two parameters together explain", () => {
    const codes = Array.from({ length: 400 }, (_, i) => [i % 2, Math.floor(i / 2) % 2] as const);
    const target = Float64Array.from(codes, ([x, y]) => (x === y ? 1 : 0) + (x === 1 ? 0.5 : 0));
    const features = [0, 1].map((at) => ({
      isCategory: true,
      values: Float64Array.from(codes, (code) => code[at]!),
    }));
    const { variance, permutation } = forestImportance(features, target);
    // variances: 1/16 of x alone, 1/4 of both together
    expect(variance[0]).toBeCloseTo(0.2, 1);
    expect(variance[1]).toBeLessThan(0.02);
    expect(permutation[1]).toBeGreaterThan(0.3);
  });

  it("is exact for a tree: the variance of its marginals, weighted by the runs of each bin", () => {
    // one split of x at a quarter of the runs, the right side split again by y in halves
    const tree = {
      feature: [0, -1, 1, -1, -1],
      lefts: [Uint8Array.of(1, 0), null, Uint8Array.of(1, 0), null, null],
      left: [1, -1, 3, -1, -1],
      right: [2, -1, 4, -1, -1],
      mean: [0, 0, 0, 4, 8],
    };
    const shares = mainEffects(tree, [Float64Array.of(0.25, 0.75), Float64Array.of(0.5, 0.5)])!;
    const all = 0.375 * 16 + 0.375 * 64 - 4.5 ** 2;
    expect(shares[0]).toBeCloseTo((0.25 * 4.5 ** 2 + 0.75 * 1.5 ** 2) / all, 12);
    expect(shares[1]).toBeCloseTo((0.5 * 1.5 ** 2 * 2) / all, 12);
    expect(mainEffects({ ...tree, feature: [-1], mean: [3] }, [Float64Array.of(1)])).toBeNull();
  });
});

describe("parameters of runs", () => {
  const n = 60;
  const [lr] = spread(n, 1) as [number[]];
  const loss = Array.from({ length: n }, (_, i) => ["ce", "focal", "lovasz"][i % 3]!);
  const result = lr.map((v, i) => v + (loss[i] === "lovasz" ? 2 : 0));

  it("are ranked, with the value of a category that goes with the result", () => {
    const {
      ranks: ranking,
      nRuns,
      leftOut,
    } = rankParameters(
      [
        { column: "config.lr", values: lr },
        { column: "config.loss", values: loss },
        { column: "config.same", values: lr.map(() => 1) },
        { column: "config.dir", values: lr.map((_, i) => `run-${i}`) },
      ],
      result,
    );
    expect(ranking.map((rank) => rank.column)).toEqual(["config.loss", "config.lr"]);
    expect(ranking[0]).toMatchObject({ level: "lovasz" });
    expect(ranking[0]!.correlation).toBeGreaterThan(0.7);
    expect(ranking[1]).toMatchObject({ level: null });
    expect(nRuns).toBe(n);
    expect(leftOut).toEqual(["config.dir"]);
  });

  it("are ordered by correlation: repeated ones behind others, then those that tell nothing", () => {
    const column = (name: string, read: (v: number, i: number) => unknown) => ({
      column: name,
      values: lr.map(read),
    });
    const parameters = [
      column("batch", (_, i) => [16, 32][i % 2]),
      column("dir", (_, i) => `run-${i}`),
      column("lr", (v) => v),
      column("lr_of_head", (v) => v / 10),
      column("loss", (_, i) => loss[i]),
      column("same", () => 1),
      column("width", (_, i) => [64, 128, 256][Math.floor(i / 6) % 3]),
    ];
    const order = ["loss", "lr", "batch", "width", "lr_of_head", "dir", "same"];
    expect(orderByCorrelation(parameters, result)).toEqual(order);
    expect(orderByCorrelation(parameters, result.slice(0, 5))).toBeNull();
  });

  it("of a few runs have no correlation, and their number", () => {
    const results = Array.from({ length: 20 }, (_, i) => i);
    const rerun = results.map((i) => (i < 3 ? i : null));
    const { ranks } = rankParameters([{ column: "rerun", values: rerun }], results);
    expect(ranks).toMatchObject([{ column: "rerun", correlation: null, nRuns: 3 }]);
  });

  it("count runs with a finite result only, and say nothing of a few", () => {
    const withGaps: unknown[] = [...result];
    withGaps[0] = "NaN";
    withGaps[1] = null;
    const parameter = { column: "config.lr", values: lr.map((v, i) => (i === 5 ? null : v)) };
    expect(rankParameters([parameter], withGaps).nRuns).toBe(n - 2);
    expect(rankParameters([parameter], result.slice(0, 5))).toMatchObject({ ranks: [], nRuns: 5, r2: null });
  });
});

describe("quantiles", () => {
  it("lie between neighbours, as numpy's", () => {
    const sorted = Float64Array.of(0, 10);
    expect([0, 0.25, 1].map((part) => quantile(sorted, part))).toEqual([0, 2.5, 10]);
    expect([medianOf([3]), medianOf([9, 1]), medianOf([100, 2, 1])]).toEqual([3, 5, 2]);
  });
});
