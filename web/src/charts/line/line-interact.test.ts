import { describe, expect, it } from "vitest";
import { frameOf } from "../axis/scale";
import type { BuiltLine } from "./line-build";
import { hoverAt } from "./line-interact";

function line(id: string, level: number, from = 0, n = 100): BuiltLine {
  const x = Float64Array.from({ length: n }, (_, i) => from + i);
  const mean = new Float64Array(n).fill(level);
  return {
    id,
    name: id,
    color: 1,
    isLive: false,
    x,
    mean,
    lo: mean,
    hi: mean,
    drawn: mean,
    hasBand: false,
    spikes: [],
    width: 1,
    odd: null,
  };
}

// 44 px left, 12 px right: 99 px for 99 steps, so that step i lies at 44 + i
const FRAME = frameOf(44 + 12 + 99, 8 + 22 + 100, [0, 99], [0, 100], false);

describe("hovering", () => {
  it("lists runs in the order of their lines on screen, seven around the nearest", () => {
    const lines = Array.from({ length: 20 }, (_, i) => line(`r${i}`, i * 5));
    const hover = hoverAt(lines, FRAME, 44 + 50, FRAME.yPx(50), "step");
    expect(hover?.near?.line.id).toBe("r10");
    expect(hover?.rows.map((row) => row.id)).toEqual(["r13", "r12", "r11", "r10", "r9", "r8", "r7"]);
    expect([hover?.nHigher, hover?.nLower]).toEqual([6, 7]);
    expect(hover?.label).toBe("step 50");
  });

  it("lights no run that is far away, and lists none that has ended", () => {
    const lines = [line("low", 5), line("short", 95, 0, 20)];
    const hover = hoverAt(lines, FRAME, 44 + 60, FRAME.yPx(80), "step");
    expect(hover?.near).toBeNull();
    expect(hover?.rows.map((row) => row.id)).toEqual(["low"]);
  });

  it("finds nothing where no run has begun", () => {
    expect(hoverAt([line("late", 5, 80, 10)], FRAME, 44 + 10, 20, "step")).toBeNull();
  });

  it("names the steps of a bucket", () => {
    const coarse = {
      ...line("a", 50),
      x: Float64Array.of(3.5, 11.5),
      drawn: Float64Array.of(50, 50),
      width: 8,
    };
    const hover = hoverAt(
      [{ ...coarse, mean: coarse.drawn, lo: coarse.drawn, hi: coarse.drawn }],
      FRAME,
      44 + 11,
      50,
      "step",
    );
    expect(hover?.label).toBe("steps 8 to 15");
  });
});
