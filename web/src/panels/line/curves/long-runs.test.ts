import { describe, expect, it } from "vitest";
import type { SeriesColumns } from "@/data/curves/columns";
import { cutOf, longRunsOf } from "./long-runs";

/** Curves of runs that log each step up to their last one, in buckets of `2 ** level`, of which `to` is the last. */
function answer(lasts: readonly number[], level: number, to = Number.POSITIVE_INFINITY): SeriesColumns[] {
  return lasts.map((last, i) => {
    const n = Math.floor(Math.min(last, to) / 2 ** level) + 1;
    const bucket = Uint16Array.from({ length: n }, (_, at) => at);
    return { run: `run-${i}`, key: "m", part: "", group: "", axis: "step", level, firstBucket: 0, bucket };
  }) as unknown as SeriesColumns[];
}

describe("long runs", () => {
  it("are cut off where nine in ten have ended", () => {
    const lasts = [90, 92, 94, 96, 98, 100, 100, 102, 104, 900, 800];
    const cut = cutOf(answer(lasts, 0), null);
    expect(cut).toMatchObject({ end: 800, nCurves: 11, whole: [0, 900] });
    expect([...cut!.longer]).toEqual(["run-9\n\n\nm"]);
  });

  it("stay where all end alike, and where there are too few to tell", () => {
    expect(cutOf(answer([100, 100, 100, 100], 0), null)).toBeNull();
    expect(cutOf(answer([100, 900], 0), null)).toBeNull();
    expect(cutOf([], null)).toBeNull();
  });

  it("are told where one is five times as long as the median", () => {
    const long = longRunsOf(answer([100, 100, 100, 100, 1000], 0));
    expect(long).toEqual({ n: 1, times: 10 });
    expect(longRunsOf(answer([100, 100, 100, 100, 400], 0))).toBeNull();
    expect(longRunsOf(answer([100, 1000], 0))).toBeNull();
    expect(longRunsOf([])).toBeNull();
    // a run that began later is not longer
    const later = answer([100, 100, 100, 100, 100], 0).map((run, i) => ({
      ...run,
      firstBucket: i === 4 ? 5000 : 0,
    }));
    expect(longRunsOf(later)).toBeNull();
  });

  it("are found to the step in answers of ever narrower buckets", () => {
    const lasts = [100, 101, 102, 200_000];
    const first = cutOf(answer(lasts, 10), null);
    expect(first).toMatchObject({ end: 1023, nCurves: 4 });
    const second = cutOf(answer(lasts, 3, first!.end), first);
    expect(second).toMatchObject({ end: 103 });
    // the long run has no point there
    const third = cutOf(answer(lasts.slice(0, 3), 0, second!.end), second);
    expect(third).toMatchObject({ end: 102, nCurves: 4, whole: first!.whole });
    expect(third!.longer.size).toBe(1);
  });
});
