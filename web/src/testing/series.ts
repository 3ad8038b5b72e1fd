import type { SeriesColumns } from "@/data/curves/columns";

/** The series of a run, with these values in the first buckets unless `part` has others. */
export function seriesOf(values: readonly number[], part: Partial<SeriesColumns> = {}): SeriesColumns {
  const mean = Float32Array.from(values);
  const empty = new Float32Array(0);
  const none = new Uint32Array(0);
  return {
    run: "a",
    key: "loss",
    part: "",
    group: "",
    axis: "step",
    axisMetric: "",
    level: 0,
    firstBucket: 0,
    originMicros: 0,
    nPoints: values.length,
    nEndPoints: 1,
    nRuns: 1,
    base: 0,
    bucket: Uint16Array.from(values.keys()),
    offset: empty,
    min: mean,
    max: mean,
    mean,
    low: empty,
    high: empty,
    runs: none,
    nonfinite: new Uint16Array(0),
    nan: none,
    posInf: none,
    negInf: none,
    ...part,
  };
}
