/**
 * The band of groups where none was chosen: all points, or the standard error where that hides the groups. Pure.
 */

import { medianOf } from "../statistics/quantile";
import type { SeriesColumns } from "./columns";

/** A band that is this part of the centers' range, or less, hides nothing. */
const NARROW = 0.05;
/**
 * Buckets over all that there is of x, at most: as few as the smallest panel has. A panel in full screen has narrower ones,
 * whose points reach less far, and would choose another band.
 */
const MOST_BUCKETS = 64;

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
  const width = widthOf(groups);
  const buckets = new Map<number, Bucket>();
  for (const group of groups) {
    for (const [at, { center, height }] of mergedBuckets(group, width)) {
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

/** The width of the buckets that are compared: the least power of two with which they are few enough. */
function widthOf(groups: readonly SeriesColumns[]): number {
  const present = groups.filter(({ bucket }) => bucket.length > 0);
  const xOf = ({ firstBucket, bucket, level }: SeriesColumns, at: number) =>
    (firstBucket + bucket.at(at)!) * 2 ** level;
  const from = Math.min(...present.map((group) => xOf(group, 0)));
  const to = Math.max(...present.map((group) => xOf(group, -1)));
  const least = Math.max(...present.map(({ level }) => level));
  return 2 ** Math.max(least, Math.ceil(Math.log2((to - from) / MOST_BUCKETS)));
}

/** The center of a group's buckets in each wider one, and how far apart its points are there. */
function mergedBuckets(
  { base, level, firstBucket, bucket, mean, min, max }: SeriesColumns,
  width: number,
): ReadonlyMap<number, { readonly center: number; readonly height: number }> {
  const merged = new Map<number, { sum: number; n: number; low: number; high: number }>();
  for (let i = 0; i < bucket.length; i++) {
    if (Number.isNaN(mean[i]!)) continue;
    const at = Math.floor(((firstBucket + bucket[i]!) * 2 ** level) / width);
    const other = merged.get(at);
    if (!other) {
      merged.set(at, { sum: mean[i]!, n: 1, low: min[i]!, high: max[i]! });
      continue;
    }
    other.sum += mean[i]!;
    other.n += 1;
    other.low = Math.min(other.low, min[i]!);
    other.high = Math.max(other.high, max[i]!);
  }
  return new Map(
    [...merged].map(([at, { sum, n, low, high }]) => [at, { center: base + sum / n, height: high - low }]),
  );
}
