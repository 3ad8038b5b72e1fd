import { describe, expect, it } from "vitest";
import { exampleFrame, exampleLine } from "@/testing/curves";
import { bandStrength, overlapOf } from "./overlap";

const FRAME = exampleFrame(400, 200, [0, 99], [0, 100]);

/** A curve whose band has this height in percent of the plot, but for one spike. */
function banded(id: string, height: number) {
  const x = Array.from({ length: 100 }, (_, i) => i);
  const hi = new Float64Array(100).fill(10 + height);
  hi[50] = 100;
  return { ...exampleLine(id, x, new Array<number>(100).fill(10)), hi, hasBand: true };
}

describe("overlapping bands", () => {
  const strength = (n: number, height: number) =>
    bandStrength(
      overlapOf(
        Array.from({ length: n }, (_, i) => banded(`r${i}`, height)),
        FRAME,
      ),
    );

  it("of one curve are as strong as can be, however high", () => {
    expect(strength(1, 80)).toBe(1);
    expect(bandStrength(overlapOf([], FRAME))).toBe(1);
  });

  it("grow fainter with their number and their height, until there is none", () => {
    expect(strength(10, 2)).toBe(1);
    expect(strength(2, 60)).toBeCloseTo(0.533, 2);
    expect(strength(3, 20)).toBeCloseTo(0.8, 2);
    expect(strength(4, 34)).toBe(0);
    expect(strength(10, 12)).toBe(0);
  });
});
