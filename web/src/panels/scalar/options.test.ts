import { describe, expect, it } from "vitest";
import { extremeBucket } from "@/api/metrics/extreme-step";
import type { SeriesColumns } from "@/data/curves/columns";
import { scalarChoice } from "./options";

const auto = { figure: "auto", pick: "auto" } as const;

describe("a scalar card", () => {
  it("shows the best by the goal, else by what the name says", () => {
    expect(scalarChoice("val/mIoU", auto, "maximize")).toEqual({
      figure: "max",
      pick: "highest",
      word: "Best",
    });
    expect(scalarChoice("val/score", auto, "minimize")).toMatchObject({ pick: "lowest", word: "Best" });
    expect(scalarChoice("train/loss", auto, null)).toEqual({ figure: "min", pick: "lowest", word: "Lowest" });
    expect(scalarChoice("val/lossless", auto, null)).toMatchObject({ pick: "highest", word: "Highest" });
  });

  it("does not call the worst the best", () => {
    const worst = scalarChoice("acc", { figure: "latest", pick: "lowest" }, "maximize");
    expect(worst).toEqual({ figure: "latest", pick: "lowest", word: "Lowest" });
  });
});

describe("the place of an extreme", () => {
  it("is the first bucket that has it, in steps", () => {
    const columns = {
      level: 3,
      firstBucket: 10,
      bucket: Uint16Array.of(0, 2, 5),
      min: Float32Array.of(1, Number.NaN, 1),
      max: Float32Array.of(4, Number.NaN, 9),
    } as Partial<SeriesColumns> as SeriesColumns;
    expect(extremeBucket(columns, "max")).toEqual([120, 128]);
    expect(extremeBucket(columns, "min")).toEqual([80, 88]);
    const none = { ...columns, min: Float32Array.of(Number.NaN), bucket: Uint16Array.of(0) };
    expect(extremeBucket(none, "min")).toBeNull();
  });
});
