import { describe, expect, it } from "vitest";
import { exampleCurve } from "@/testing/curves";
import { areSpread, fewMoreValues, singleValues } from "./single-values";

const point = (id: string, at: number, value: number) =>
  exampleCurve({ bucket: Uint16Array.of(at), mean: Float32Array.of(value) }, id);

describe("single values", () => {
  it("are those of curves without a second point, at whatever step each has its one", () => {
    const values = singleValues([point("a", 0, 0.5), point("b", 900, 0.75)]);
    expect(values?.map(({ id, value }) => [id, value])).toEqual([
      ["a", 0.5],
      ["b", 0.75],
    ]);
    expect(values?.[0]).toMatchObject({ low: null, high: null, nRuns: 1 });
  });

  it("are none once a run has logged a second step", () => {
    const long = exampleCurve({ bucket: Uint16Array.of(0, 1), mean: Float32Array.of(1, 2) }, "c");
    const coarse = exampleCurve({ bucket: Uint16Array.of(0), mean: Float32Array.of(1), nPoints: 2 }, "c");
    expect(singleValues([point("a", 0, 1), long])).toBeNull();
    expect(singleValues([point("a", 0, 1), coarse])).toBeNull();
    expect(singleValues([])).toBeNull();
  });

  it("leave out what is not finite, and are none of such values alone", () => {
    const nan = exampleCurve(
      {
        bucket: Uint16Array.of(0),
        mean: Float32Array.of(Number.NaN),
        nPoints: 0,
        nonfinite: Uint16Array.of(0),
        nan: Uint32Array.of(1),
      },
      "n",
    );
    expect(singleValues([nan, point("a", 0, 1)])?.map(({ id }) => id)).toEqual(["a"]);
    expect(singleValues([nan])).toBeNull();
  });

  it("of a group are its center with its band", () => {
    const group = exampleCurve({
      bucket: Uint16Array.of(0),
      base: 10,
      mean: Float32Array.of(1),
      low: Float32Array.of(0.5),
      high: Float32Array.of(2),
      nPoints: 3,
      nRuns: 3,
    });
    expect(singleValues([group])).toMatchObject([{ value: 11, low: 10.5, high: 12, nRuns: 3 }]);
    expect(singleValues([exampleCurve({ ...group.columns, nPoints: 4 })])).toBeNull();
  });

  it("of a group may be at several x, once each of its runs has one", () => {
    const both = { bucket: Uint16Array.of(0, 9), mean: Float32Array.of(1, 2) };
    const group = exampleCurve({ ...both, nPoints: 50, nRuns: 50 });
    expect(singleValues([group])).toBeNull();
    expect(areSpread([group])).toBe(true);
    expect(areSpread([group, point("a", 0, 1)])).toBe(true);
    expect(areSpread([group, exampleCurve({ ...both, nPoints: 51, nRuns: 50 })])).toBe(false);
    expect(areSpread([exampleCurve({ ...both, nPoints: 2, nRuns: 1 })])).toBe(false);
    expect(areSpread([point("a", 0, 1)])).toBe(false);
    expect(areSpread([])).toBe(false);
  });

  it("stay bars while a tenth of the runs have a second value, which may be NaN", () => {
    const runs = (n: number) => Array.from({ length: n }, (_, i) => point(`r${i}`, 0, i));
    const twice = exampleCurve({ bucket: Uint16Array.of(0, 1), mean: Float32Array.of(1, 2) }, "twice");
    const nan = exampleCurve(
      {
        bucket: Uint16Array.of(0, 1),
        mean: Float32Array.of(1, Number.NaN),
        nPoints: 1,
        nonfinite: Uint16Array.of(1),
        nan: Uint32Array.of(1),
      },
      "nan",
    );
    const long = exampleCurve(
      { bucket: Uint16Array.of(0, 1), mean: Float32Array.of(1, 2), nPoints: 99 },
      "long",
    );
    expect(fewMoreValues([...runs(9), twice])).toBe(1);
    expect(fewMoreValues([...runs(18), twice, nan])).toBe(2);
    expect(fewMoreValues([...runs(8), twice])).toBe(0);
    expect(fewMoreValues([...runs(20), long])).toBe(0);
    expect(fewMoreValues(runs(9))).toBe(0);
    expect(fewMoreValues([])).toBe(0);
  });

  it("of groups stay bars by the same measure", () => {
    const both = { bucket: Uint16Array.of(0, 1), mean: Float32Array.of(1, 2) };
    expect(fewMoreValues([exampleCurve({ ...both, nPoints: 22, nRuns: 20 })])).toBe(2);
    expect(fewMoreValues([exampleCurve({ ...both, nPoints: 23, nRuns: 20 })])).toBe(0);
  });
});
