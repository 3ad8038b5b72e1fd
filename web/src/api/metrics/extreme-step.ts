/**
 * At which step a run's metric was lowest or highest: asked again within the bucket that has it, until that
 * is one step wide.
 */

import { queryOptions } from "@tanstack/react-query";
import type { SeriesColumns } from "@/data/curves/columns";
import type { ProjectRef } from "../types";
import { loadSeries, seriesKey } from "./series";

const BUCKETS = 1000;
/** A thousandth each time: enough for any number of steps. */
const MOST_ROUNDS = 8;

export interface Extreme {
  readonly run: string;
  readonly key: string;
  readonly extreme: "min" | "max";
  /** Its value now: another value has another step. */
  readonly value: number;
}

/** Null: the run has no finite value, or the answers are not fine enough, as those of a file. */
export function extremeStepQuery(ref: ProjectRef, extreme: Extreme) {
  return queryOptions({
    queryKey: [
      ...seriesKey(ref),
      { keys: [], runs: extreme.run },
      "extreme",
      extreme.key,
      extreme.extreme,
      extreme.value,
    ] as const,
    queryFn: async ({ signal }): Promise<number | null> => {
      let range: readonly [number | null, number | null] = [null, null];
      for (let round = 0; round < MOST_ROUNDS; round++) {
        const panel = {
          runs: [extreme.run],
          keys: [extreme.key],
          axis: "step" as const,
          lo: range[0],
          hi: range[1],
          nBuckets: BUCKETS,
        };
        const { series } = await loadSeries(ref, panel, signal);
        const bucket = series[0] ? extremeBucket(series[0], extreme.extreme) : null;
        if (!bucket || !isNarrower(bucket, range)) return null;
        if (bucket[1] - bucket[0] <= 1) return bucket[0];
        range = bucket;
      }
      return range[0];
    },
    staleTime: Number.POSITIVE_INFINITY,
  });
}

function isNarrower(
  [from, to]: readonly [number, number],
  [lo, hi]: readonly [number | null, number | null],
) {
  return lo === null || hi === null || to - from < hi - lo;
}

/** The first bucket with the least or the greatest value, in steps; null: there is none. */
export function extremeBucket(
  columns: SeriesColumns,
  extreme: "min" | "max",
): readonly [number, number] | null {
  const values = columns[extreme];
  const sign = extreme === "max" ? 1 : -1;
  let best = -1;
  for (let i = 0; i < values.length; i++)
    if (Number.isFinite(values[i]) && (best < 0 || sign * values[i]! > sign * values[best]!)) best = i;
  if (best < 0) return null;
  const width = 2 ** columns.level;
  const from = (columns.firstBucket + columns.bucket[best]!) * width;
  return [from, from + width];
}
