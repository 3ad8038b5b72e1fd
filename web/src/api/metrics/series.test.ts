import { describe, expect, it } from "vitest";
import type { PanelSeries, SeriesColumns } from "@/data/curves/columns";
import { loadLogDetail } from "./log-detail";
import { detailOf, type PanelRequest } from "./series";

describe("the detail that a zoom asks for", () => {
  it("has a margin on both sides, and as narrow buckets as without it", () => {
    for (const range of [
      [10, 11],
      [12_345, 99_999],
      [0, 1e6],
      [700_000, 700_004],
    ] as const) {
      const { lo, hi, nBuckets } = detailOf(range, "step", 400);
      const width = range[1] - range[0];
      expect(lo!).toBeLessThanOrEqual(range[0] - width / 16);
      expect(hi!).toBeGreaterThanOrEqual(range[1] + width / 16);
      expect(Number.isInteger(lo) && Number.isInteger(hi)).toBe(true);
      if (width > 100) expect(hi! - lo!).toBeLessThan(width * 1.6);
      expect((hi! - lo!) / nBuckets).toBeLessThanOrEqual(Math.max(width / 400 + 1, 1));
    }
  });

  it("leaves the values of metrics and expressions as fine as they are", () => {
    for (const axis of ["metric", "expression", "defined"] as const) {
      const { lo, hi, nBuckets } = detailOf([0.1, 0.12], axis, 400);
      expect([lo! > 0.09 && lo! <= 0.1, hi! >= 0.12 && hi! < 0.13], axis).toEqual([true, true]);
      expect(nBuckets).toBeLessThan(800);
    }
  });

  it("stays the same while what is shown moves a little", () => {
    const requests = Array.from({ length: 50 }, (_, i) =>
      detailOf([1000 + i / 10, 2000 + i / 10], "step", 400),
    );
    expect(new Set(requests.map((request) => JSON.stringify(request))).size).toBeLessThan(4);
  });

  it("is in microseconds on time axes, and everything without a zoom", () => {
    const { lo, hi } = detailOf([10, 20], "time", 400);
    expect(lo!).toBeLessThan(10e6);
    expect(hi!).toBeGreaterThan(20e6);
    expect(detailOf(null, "time", 400)).toEqual({ lo: null, hi: null, nBuckets: 400 });
  });
});

describe("the detail of a logarithmic axis", () => {
  const PANEL: PanelRequest = {
    runs: ["a"],
    keys: ["loss"],
    axis: "step",
    lo: null,
    hi: null,
    nBuckets: 400,
  };
  const answer = (level: number): PanelSeries => ({
    series: [{ run: "a", key: "loss", part: "", group: "", level } as SeriesColumns],
    missing: [],
    bounds: null,
    nBytes: 10,
  });

  async function ends(level: number, panel = PANEL): Promise<number[]> {
    const { series } = await loadLogDetail(
      async (request) => answer(request.nBuckets === 400 ? level : 0),
      panel,
    );
    return (series[0]?.finer ?? []).map(({ end }) => end);
  }

  it("begins sixteen times as fine again and again, down to single steps", async () => {
    expect(await ends(12)).toEqual([256, 4096, 65_536]);
    expect(await ends(1)).toEqual([32]);
    expect(await ends(0)).toEqual([]);
  });

  it("asks for nothing that is not in range", async () => {
    expect(await ends(12, { ...PANEL, lo: 5000, hi: 20_000 })).toEqual([]);
    expect(await ends(12, { ...PANEL, lo: 300, hi: 1e6 })).toEqual([4096, 65_536]);
  });
});
