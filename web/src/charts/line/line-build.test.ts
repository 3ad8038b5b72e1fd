import { describe, expect, it } from "vitest";
import { exampleCurve as source } from "@/testing/curves";
import { FIRST_LINE_VIEW, type LineView } from "./curve";
import { buildChart } from "./line-build";
import { yTicks } from "./paint/axes-render";

const VIEW = FIRST_LINE_VIEW;

describe("built lines", () => {
  it("stand on their steps at level 0, and in the middle of their buckets above", () => {
    const exact = buildChart(
      [source({ firstBucket: 10, bucket: Uint16Array.of(0, 3), mean: Float32Array.of(1, 2) })],
      VIEW,
    );
    expect([...exact.lines[0]!.x]).toEqual([10, 13]);
    // level 3 holds steps 16 … 23 in bucket 2: their middle is 19.5
    const coarse = buildChart(
      [source({ level: 3, firstBucket: 2, bucket: Uint16Array.of(0, 1), mean: Float32Array.of(1, 2) })],
      VIEW,
    );
    expect([...coarse.lines[0]!.x]).toEqual([19.5, 27.5]);
    expect(coarse.lines[0]!.width).toBe(8);
  });

  it("of whole values have ticks at whole numbers alone, where there is one", () => {
    const built = (...means: number[]) =>
      buildChart([source({ bucket: Uint16Array.of(0, 1), mean: Float32Array.of(...means) })], VIEW);
    expect(built(3, 3).values).toBe("whole");
    expect(built(3, 3.5).values).toBe("any");
    expect(buildChart([], VIEW).values).toBe("none");
    expect(yTicks("linear", [2.7, 3.3], 4, true)).toEqual([3]);
    expect(yTicks("linear", [0, 2], 4, true)).toEqual([0, 1, 2]);
    expect(yTicks("linear", [31e10 - 0.06, 31e10 + 1.06], 9, true)).toEqual([31e10, 31e10 + 1]);
    expect(yTicks("linear", [0, 2], 4, false)).toEqual([0, 0.5, 1, 1.5, 2]);
    expect(yTicks("linear", [2.1, 2.9], 4, true).length).toBeGreaterThan(1);
  });

  it("read time in seconds", () => {
    const built = buildChart(
      [
        source({
          axis: "time",
          level: 20,
          firstBucket: 1,
          bucket: Uint16Array.of(0),
          mean: Float32Array.of(1),
        }),
      ],
      { ...VIEW, axis: "time" },
    );
    expect(built.lines[0]!.x[0]).toBeCloseTo((1.5 * 2 ** 20) / 1e6, 9);
  });

  it("add the base and leave out buckets without a finite point", () => {
    const built = buildChart(
      [
        source({
          base: 1e9,
          bucket: Uint16Array.of(0, 1, 2),
          mean: Float32Array.of(0.5, Number.NaN, 1.5),
          min: Float32Array.of(0, Number.NaN, 1),
          max: Float32Array.of(1, Number.NaN, 2),
        }),
      ],
      VIEW,
    );
    const line = built.lines[0]!;
    expect([...line.mean]).toEqual([1e9 + 0.5, 1e9 + 1.5]);
    expect([...line.lo]).toEqual([1e9, 1e9 + 1]);
    expect([...line.x]).toEqual([0, 2]);
  });

  it("keep every spike within the y range", () => {
    const n = 400;
    const mean = new Float32Array(n).fill(1);
    const max = mean.slice();
    max[137] = 42;
    const built = buildChart(
      [source({ bucket: Uint16Array.from({ length: n }, (_, i) => i), mean, min: mean, max })],
      VIEW,
    );
    expect(built.y[1]).toBeGreaterThan(42);
    expect(built.lines[0]!.spikes).toEqual([137]);
  });

  it("fit y to what is drawn: to curves and spikes where the bands of groups overlap too much, and where bands are off", () => {
    const n = 400;
    const bucket = Uint16Array.from({ length: n }, (_, i) => i);
    const noisy = (id: number, group: string) => {
      const mean = new Float32Array(n).fill(id);
      const max = mean.map((v) => v + 90);
      const min = mean.map((v) => v - 90);
      if (id === 220) max[137] = 1000;
      const band = group ? { low: min, high: max, runs: new Uint32Array(n).fill(2) } : {};
      const run = group ? "" : `r${id}`;
      const nRuns = group ? 2 : 1;
      return source({ bucket, mean, min, max, group, run, nRuns, ...band }, `r${id}`);
    };
    const grouped = Array.from({ length: 12 }, (_, i) => noisy(i * 20, `g${i}`));
    const single = Array.from({ length: 12 }, (_, i) => noisy(i * 20, ""));
    const yOf = (curves: typeof single, band: LineView["band"]) => buildChart(curves, { ...VIEW, band }).y;
    for (const y of [yOf(grouped, "auto"), yOf(grouped, "none"), yOf(single, "none")]) {
      expect(y[0]).toBeGreaterThan(-90);
      expect(y[1]).toBeGreaterThan(1000);
    }
    // a chosen band, and the points of runs, stay in view whole
    for (const y of [yOf(grouped, "minmax"), yOf(single, "auto")]) expect(y[0]).toBeLessThan(-90);
    expect(buildChart(grouped, VIEW).own?.hasFadedBands).toBe(true);
    expect(buildChart(single, VIEW).own?.hasFadedBands).toBe(false);
    // next to the curve of a run, too
    const withBaseline = buildChart([...grouped, ...single.slice(0, 1)], VIEW);
    expect(withBaseline.own?.hasFadedBands).toBe(true);
    expect(withBaseline.bandStrength).toBe(0);
    // they are hidden in the range that is shown, not in their own
    expect(buildChart(grouped, { ...VIEW, yEnds: [-5000, 5000] }).own?.hasFadedBands).toBe(false);
    const close = buildChart(grouped.slice(0, 2), { ...VIEW, yEnds: [-20, 20] });
    expect([close.own?.hasFadedBands, close.bandStrength]).toEqual([true, 0]);
  });

  it("have the same band of groups whatever their values, and all points where each has one run", () => {
    const groupsOf = (nRuns: readonly number[], reach: number) =>
      nRuns.map((n, i) => {
        const mean = Float32Array.of(i, i);
        const [min, max] = [mean.map((v) => v - reach), mean.map((v) => v + reach)];
        const [low, high] = n > 1 ? [mean.map((v) => v - 0.1), mean.map((v) => v + 0.1)] : [];
        const group = `g${i}`;
        return source({
          bucket: Uint16Array.of(0, 1),
          mean,
          min,
          max,
          group,
          run: "",
          nRuns: n,
          ...(low && { low, high }),
        });
      });
    for (const reach of [0.01, 1, 100]) {
      expect(buildChart(groupsOf([3, 3], reach), VIEW).band).toBe("stderr");
      expect(buildChart(groupsOf([3], reach), VIEW).band).toBe("stderr");
      expect(buildChart(groupsOf([1, 1], reach), VIEW).band).toBe("minmax");
    }
    const mixed = buildChart(groupsOf([3, 1], 1), VIEW);
    expect([mixed.band, ...mixed.lines.map(({ hasBand }) => hasBand)]).toEqual(["stderr", true, false]);
  });

  it("mark NaN and Inf where the first lies, with their count in view", () => {
    const withNonfinite = {
      bucket: Uint16Array.of(0, 1, 2, 3),
      mean: Float32Array.of(1, 1, 1, 1),
      nonfinite: Uint16Array.of(1, 3),
      nan: Uint32Array.of(3, 4),
      posInf: Uint32Array.of(0, 0),
      negInf: Uint32Array.of(0, 0),
    };
    expect(buildChart([source(withNonfinite)], VIEW).lines[0]!.nonfinite).toMatchObject({
      x: 1,
      label: "NaN ×7",
    });
    expect(buildChart([source(withNonfinite)], { ...VIEW, zoom: [2, 3] }).lines[0]!.nonfinite).toMatchObject({
      x: 3,
      label: "NaN ×4",
    });
    const mixed = { ...withNonfinite, posInf: Uint32Array.of(1, 0) };
    expect(buildChart([source(mixed)], VIEW).lines[0]!.nonfinite?.label).toBe("NaN, Inf ×8");
  });

  it("end at the mean of whole buckets, and keep the last one's own for the pointer", () => {
    const begun = source({
      level: 3,
      bucket: Uint16Array.of(0, 1, 2),
      mean: Float32Array.of(4, 4, 0),
      nPoints: 17,
      nEndPoints: 1,
    });
    const [line] = buildChart([begun], VIEW).lines;
    expect([line!.y[2], line!.drawn[2]]).toEqual([3.5, 0]);
    expect(line!.drawn).toBe(line!.mean);
    const smoothing = { kind: "mean" as const, amount: 0.1 };
    const [smoothed] = buildChart([begun], { ...VIEW, smoothing }).lines;
    expect([smoothed!.y, smoothed!.drawn[2]]).toEqual([smoothed!.drawn, 0]);
  });

  it("have a range even where nothing can be drawn", () => {
    const nothing = buildChart([], VIEW);
    expect(nothing.x).toEqual([0, 1]);
    expect(nothing.y).toEqual([0, 1]);
    const onlyNan = buildChart(
      [source({ bucket: Uint16Array.of(5), mean: Float32Array.of(Number.NaN) })],
      VIEW,
    );
    expect(onlyNan.x).toEqual([4.5, 5.5]);
    const flat = buildChart([source({ bucket: Uint16Array.of(0, 1), mean: Float32Array.of(3, 3) })], VIEW);
    expect(flat.y[0]).toBeLessThan(3);
    expect(flat.y[1]).toBeGreaterThan(3);
  });

  it("fit a log axis to what is above zero", () => {
    const mean = Float32Array.of(-1, 0, 0.001, 10);
    const built = buildChart([source({ bucket: Uint16Array.of(0, 1, 2, 3), mean })], {
      ...VIEW,
      yScale: "log",
    });
    expect(built.y[0]).toBeGreaterThan(0);
    expect(built.y[0]).toBeLessThanOrEqual(0.001);
    expect(built.y[1]).toBeGreaterThanOrEqual(10);
  });

  it("fit y to the zoomed range alone", () => {
    const mean = Float32Array.from({ length: 100 }, (_, i) => i);
    const bucket = Uint16Array.from({ length: 100 }, (_, i) => i);
    const built = buildChart([source({ bucket, mean })], { ...VIEW, zoom: [40, 50] });
    expect(built.x).toEqual([40, 50]);
    expect(built.y[0]).toBeGreaterThan(38);
    expect(built.y[1]).toBeLessThan(52);
  });
});
