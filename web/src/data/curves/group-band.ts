/**
 * The band of groups where none was chosen: all points, or the standard error where that hides the groups. Pure.
 */

import { medianOf } from "../statistics/quantile";
import type { SeriesColumns } from "./columns";

/** A band that is this part of the centers' range, or less, hides nothing. */
const NARROW = 0.05;

interface Bucket {
  low: number;
  high: number;
  height: number;
  n: number;
}

/**
 * Whether the runs of groups vary more than the groups differ: whether, in the median bucket, the minimum and maximum of
 * a group are further apart than the highest and the lowest center. False of one group, and of bands too narrow to hide
 * anything. Metrics are not compared with each other; one is enough.
 *
 * Cost: O(points).
 */
export function isNoiseWider(series: readonly SeriesColumns[]): boolean {
  const byKey = new Map<string, SeriesColumns[]>();
  for (const columns of series) {
    if (columns.group === "") continue;
    const others = byKey.get(columns.key);
    if (others) others.push(columns);
    else byKey.set(columns.key, [columns]);
  }
  return [...byKey.values()].some((groups) => groups.length > 1 && isWiderIn(groups));
}

function isWiderIn(groups: readonly SeriesColumns[]): boolean {
  const buckets = new Map<number, Bucket>();
  for (const { base, firstBucket, bucket, mean, min, max } of groups) {
    for (let i = 0; i < bucket.length; i++) {
      if (Number.isNaN(mean[i]!)) continue;
      const center = base + mean[i]!;
      const height = max[i]! - min[i]!;
      const at = firstBucket + bucket[i]!;
      const other = buckets.get(at);
      if (!other) {
        buckets.set(at, { low: center, high: center, height, n: 1 });
        continue;
      }
      other.low = Math.min(other.low, center);
      other.high = Math.max(other.high, center);
      other.height += height;
      other.n += 1;
    }
  }
  const compared = [...buckets.values()].filter(({ n }) => n > 1);
  if (compared.length === 0) return false;
  const apart = medianOf(compared.map(({ low, high }) => high - low));
  const height = medianOf(compared.map((bucket) => bucket.height / bucket.n));
  const range = Math.max(...compared.map(({ high }) => high)) - Math.min(...compared.map(({ low }) => low));
  return height > apart && height > NARROW * range;
}
