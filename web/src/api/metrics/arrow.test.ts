import {
  float32,
  float64,
  int32,
  int64,
  list,
  tableFromArrays,
  tableToIPC,
  uint16,
  uint32,
  utf8,
} from "@uwdata/flechette";
import { describe, expect, it } from "vitest";
import { BatchReader } from "./arrow";

const TYPES = {
  panel: int32(),
  run: utf8(),
  key: utf8(),
  level: int32(),
  first_bucket: int64(),
  origin_micros: int64(),
  n_points: int64(),
  n_end_points: int64(),
  base: float64(),
  scale: float64(),
  bucket: list(uint16()),
  offset: list(float32()),
  min: list(float32()),
  max: list(float32()),
  mean: list(float32()),
  nonfinite: list(uint16()),
  nan: list(uint32()),
  pos_inf: list(uint32()),
  neg_inf: list(uint32()),
  part: utf8(),
  axis_metric: utf8(),
  group: utf8(),
  n_runs: int32(),
  low: list(float32()),
  high: list(float32()),
  runs: list(uint32()),
  bound_lo: float64(),
  bound_hi: float64(),
  reason: utf8(),
};

function streamOf(runs: string[], base = 5.5, scale = 1): Uint8Array {
  const n = runs.length;
  const columns = {
    panel: runs.map(() => 0),
    run: runs,
    key: runs.map(() => "loss"),
    level: runs.map(() => 3),
    first_bucket: runs.map(() => -2),
    origin_micros: runs.map(() => 1_700_000_000_000_000),
    n_points: runs.map((_, i) => 100 + i),
    n_end_points: runs.map(() => 2),
    base: runs.map(() => base),
    scale: runs.map(() => scale),
    bucket: runs.map(() => [0, 1, 7]),
    offset: runs.map(() => [0.25, Number.NaN, 0]),
    min: runs.map(() => [0.25, Number.NaN, -1]),
    max: runs.map(() => [0.5, Number.NaN, 1]),
    mean: runs.map(() => [0.375, Number.NaN, 0]),
    nonfinite: runs.map(() => [1]),
    nan: runs.map(() => [4]),
    pos_inf: runs.map(() => [0]),
    neg_inf: runs.map(() => [2]),
    part: runs.map(() => ""),
    axis_metric: runs.map(() => ""),
    group: runs.map(() => "[1.0,null]"),
    n_runs: runs.map(() => 3),
    low: runs.map(() => [0.3, Number.NaN, -0.5]),
    high: runs.map(() => [0.4, Number.NaN, 0.5]),
    runs: runs.map(() => [3, 0, 2]),
    bound_lo: runs.map(() => 0.1),
    bound_hi: runs.map(() => 0.9),
    reason: runs.map((run) => (run === "gone" ? "no such run" : "")),
  };
  const bytes = tableToIPC(tableFromArrays(columns, { types: TYPES }), { format: "stream" });
  if (!bytes || n === 0) throw new Error("no stream");
  return bytes;
}

describe("an Arrow stream off the wire", () => {
  it.each([1, 7, 64, 100_000])("gives the same series in chunks of %i bytes", (size) => {
    const bytes = streamOf(["ab12cd34", "ef56", "gone"]);
    const reader = new BatchReader(["time"]);
    const batches = [];
    for (let at = 0; at < bytes.length; at += size)
      batches.push(...reader.push(bytes.subarray(at, at + size)));
    expect(batches).toHaveLength(1);
    const [first, second] = batches[0]?.series ?? [];
    expect(first).toMatchObject({
      run: "ab12cd34",
      key: "loss",
      level: 3,
      firstBucket: -2,
      nPoints: 100,
      nEndPoints: 2,
      base: 5.5,
    });
    expect(first?.originMicros).toBe(1_700_000_000_000_000);
    expect(first?.axis).toBe("time");
    expect(second?.run).toBe("ef56");
    expect(second?.bucket).toEqual(Uint16Array.of(0, 1, 7));
    expect(second?.offset).toEqual(Float32Array.of(0.25, Number.NaN, 0));
    expect(second?.mean).toEqual(Float32Array.of(0.375, Number.NaN, 0));
    expect(second?.nonfinite).toEqual(Uint16Array.of(1));
    expect(second?.negInf).toEqual(Uint32Array.of(2));
    expect(second?.group).toBe("[1,null]");
    expect(second?.low).toEqual(Float32Array.of(0.3, Number.NaN, -0.5));
    expect(batches[0]?.bounds).toEqual([0.1, 0.9]);
    expect(batches[0]?.series).toHaveLength(2);
    expect(batches[0]?.missing).toEqual([
      { run: "gone", key: "loss", part: "", group: "[1,null]", axisMetric: "", reason: "no such run" },
    ]);
  });

  it.each([
    [0, 2 ** -1022],
    [0, 2 ** 896],
    [2 ** -600, 2 ** -650],
  ])("gives values beyond float32 whole: base %f, scale %f", (base, scale) => {
    const [batch] = new BatchReader(["step"]).push(streamOf(["ab12cd34"], base, scale));
    const series = batch?.series[0];
    const whole = (...sent: number[]) =>
      Float64Array.from(sent, (value) => Math.fround(value) * scale + base);
    expect(series?.base).toBe(0);
    expect(series?.min).toEqual(whole(0.25, Number.NaN, -1));
    expect(series?.max).toEqual(whole(0.5, Number.NaN, 1));
    expect(series?.mean).toEqual(whole(0.375, Number.NaN, 0));
    expect(series?.low).toEqual(whole(0.3, Number.NaN, -0.5));
    expect(series?.high).toEqual(whole(0.4, Number.NaN, 0.5));
  });

  it("refuses what is no Arrow, such as a proxy's page", () => {
    const page = new TextEncoder().encode("<!doctype html><html>");
    expect(() => new BatchReader(["time"]).push(page)).toThrow("no Arrow stream");
  });
});
