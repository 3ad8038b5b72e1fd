import { describe, expect, it } from "vitest";
import type { SeriesColumns } from "@/data/curves/columns";
import { seriesOf } from "@/testing/series";
import { curvePointsOf, widthAt } from "./curve-points";
import { spikesOf } from "./spikes";

/** A bucket each at these positions, with their position as value. */
function columns(
  level: number,
  firstBucket: number,
  bucket: readonly number[],
  part: Partial<SeriesColumns> = {},
) {
  const values = bucket.map((b) => firstBucket + b);
  return seriesOf(values, { level, firstBucket, bucket: Uint16Array.from(bucket), ...part });
}

describe("buckets of several widths", () => {
  it("are drawn finest first, each up to its end, none twice", () => {
    const whole = columns(4, 0, [0, 1, 2, 3, 4], {
      finer: [
        { end: 4, columns: columns(0, 0, [0, 1, 2, 3, 4, 5]) },
        { end: 32, columns: columns(2, 0, [0, 1, 2, 3, 4, 5, 6, 7, 8]) },
      ],
    });
    const placed = curvePointsOf(whole);
    // steps 0 to 3, then fours from 4 to 31, then sixteens from 32 on
    expect([...placed.x]).toEqual([0, 1, 2, 3, 5.5, 9.5, 13.5, 17.5, 21.5, 25.5, 29.5, 39.5, 55.5, 71.5]);
    expect([0, 3, 4, 10, 11].map((at) => widthAt(placed, at))).toEqual([1, 1, 4, 4, 16]);
    expect(placed.firstAboveZero).toBe(1);
  });

  it("lie where their points are, and in their middle where they have several x", () => {
    const sparse = columns(4, 100, [0, 1, 2], { offset: Float32Array.of(0.25, Number.NaN, 0) });
    const placed = curvePointsOf(sparse);
    expect([...placed.x]).toEqual([1604, 1623.5, 1632]);
    expect([0, 1, 2].map((at) => widthAt(placed, at))).toEqual([0, 16, 0]);
    const micros = curvePointsOf({ ...sparse, axis: "time" });
    expect([...micros.x]).toEqual([0.001604, 0.001624, 0.001632]);
  });

  it("count what is not finite once", () => {
    const nonfinite = {
      nonfinite: Uint16Array.of(1),
      nan: Uint32Array.of(2),
      posInf: Uint32Array.of(0),
      negInf: Uint32Array.of(0),
    };
    const whole = columns(4, 0, [0, 1], {
      ...nonfinite,
      finer: [{ end: 16, columns: columns(0, 0, [2, 5], nonfinite) }],
    });
    expect(curvePointsOf(whole).nonfinite).toMatchObject({ x: [5, 23.5], nan: [2, 2] });
  });
});

describe("a group's band", () => {
  it("is what the server says, and its center where there is none", () => {
    const group = columns(0, 0, [0, 1], {
      group: "[1]",
      base: 10,
      low: Float32Array.of(-1, Number.NaN),
      high: Float32Array.of(2, Number.NaN),
    });
    const placed = curvePointsOf(group);
    expect([...placed.lo]).toEqual([9, 11]);
    expect([...placed.hi]).toEqual([12, 11]);
    expect(placed.hasBand).toBe(true);
  });
});

describe("a group's runs", () => {
  const fewerAfter = (...runs: number[]) =>
    curvePointsOf(columns(0, 0, [0, 1, 2, 3], { group: "[1]", runs: Uint32Array.from(runs) })).fewerAfter;

  it("are fewer after the last bucket that has the most", () => {
    expect([fewerAfter(3, 3, 2, 1), fewerAfter(2, 3, 2, 3), fewerAfter(3, 2, 3, 2)]).toEqual([1, null, 2]);
    expect(curvePointsOf(columns(0, 0, [0, 1])).fewerAfter).toBeNull();
  });

  it("are counted per drawn bucket, also where some have no finite value", () => {
    const mean = Float32Array.of(1, Number.NaN, 1, 1);
    const group = columns(0, 0, [0, 1, 2, 3], { group: "[1]", mean, runs: Uint32Array.of(3, 0, 2, 1) });
    expect([...curvePointsOf(group).runs]).toEqual([3, 2, 1]);
  });
});

describe("the end of a curve", () => {
  const counts = { level: 3, firstBucket: 0, bucket: Uint16Array.of(0, 1, 2, 3) };
  const end = (part: Partial<SeriesColumns>) => {
    const { evened, mean } = curvePointsOf(seriesOf([5, 5, 4, 0], { ...counts, ...part }));
    return [mean[3], evened[3]];
  };

  it("is the mean of as many points as a bucket has, where the last one has only begun", () => {
    expect(end({ nPoints: 25, nEndPoints: 1 })).toEqual([0, 3.5]);
    expect(end({ nPoints: 30, nEndPoints: 6 })).toEqual([0, 1]);
  });

  it("is the bucket's own mean where it is full, holds all points there are, or follows a gap", () => {
    const full = curvePointsOf(seriesOf([5, 5, 4, 0], { ...counts, nPoints: 32, nEndPoints: 8 }));
    expect(full.evened).toBe(full.mean);
    expect(end({ nPoints: 6, nEndPoints: 1 })).toEqual([0, 0]);
    expect(end({ nPoints: 25, nEndPoints: 1, bucket: Uint16Array.of(0, 1, 2, 5) })).toEqual([0, 0]);
    expect(end({ nPoints: 25, nEndPoints: 1, group: "[1]" })).toEqual([0, 0]);
    expect(end({ nPoints: 25, nEndPoints: 1, level: 0 })).toEqual([0, 0]);
  });
});

describe("spikes", () => {
  const noise = (n: number, size: (i: number) => number) => {
    const lo = new Float64Array(n);
    return { lo, hi: Float64Array.from({ length: n }, (_, i) => size(i)) };
  };

  it("are found beside calm neighbours, also where the curve is wilder elsewhere", () => {
    const { lo, hi } = noise(400, (i) => (i < 200 ? 10 + (i % 3) : 0.1));
    hi[350] = 2;
    expect(spikesOf(lo, hi)).toEqual([350]);
  });

  it("are those of the definition, whatever the noise", () => {
    const medianAt = (bands: Float64Array, block: number) => {
      const sorted = bands.slice(Math.max(0, block * 32), Math.max(0, (block + 1) * 32)).sort();
      return sorted[sorted.length >> 1] ?? 0;
    };
    let state = 7;
    const random = () => {
      state = (state * 1103515245 + 12345) % 2147483648;
      return state / 2147483648;
    };
    let nSpikes = 0;
    for (const n of [1, 2, 31, 32, 33, 64, 65, 300]) {
      const { lo, hi } = noise(n, () => Math.floor(random() ** 6 * 40) / 4);
      const expected = [...hi.keys()].filter((i) => {
        const block = i >> 5;
        return hi[i]! > 4 * Math.max(...[block - 1, block, block + 1].map((at) => medianAt(hi, at)));
      });
      expect(spikesOf(lo, hi)).toEqual(expected);
      nSpikes += expected.length;
    }
    expect(nSpikes).toBeGreaterThan(50);
  });

  it("are not every bucket of a noisy curve, nor where the noise grows", () => {
    const { lo, hi } = noise(400, (i) => 1 + ((i * 7919) % 3));
    expect(spikesOf(lo, hi)).toEqual([]);
    const growing = noise(400, (i) => 1.02 ** i);
    expect(spikesOf(growing.lo, growing.hi)).toEqual([]);
  });
});
