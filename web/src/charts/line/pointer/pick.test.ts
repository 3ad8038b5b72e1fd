import { describe, expect, it } from "vitest";
import { exampleFrame, exampleLine as line } from "@/testing/curves";
import type { BuiltLine } from "../built-line";
import { curveAt } from "./pick";

// 44 px left, 8 px above: a px for each unit
const FRAME = exampleFrame(44 + 20 + 100, 8 + 22 + 100, [0, 100], [0, 100]);

function pick(lines: readonly BuiltLine[], x: number, y: number): string | null {
  return curveAt(lines, FRAME, FRAME.xPx(x), FRAME.yPx(y))?.id ?? null;
}

describe("the curve under a click", () => {
  const steep = line("steep", [0, 100], [0, 100]);
  const flat = line("flat", [0, 100], [20, 20]);

  it("is the nearest one, also between its points", () => {
    expect(pick([steep, flat], 70, 70)).toBe("steep");
    expect(pick([steep, flat], 70, 24)).toBe("flat");
    expect(pick([steep, flat], 26, 20)).toBe("flat");
    expect(pick([steep, flat], 70, 45)).toBe(null);
  });

  it("of those at one place is the last, which is painted on top", () => {
    expect(pick([flat, line("over", [0, 100], [20, 20])], 50, 20)).toBe("over");
  });

  it("ends with the curve and with the plot", () => {
    const short = line("short", [0, 40], [50, 50]);
    expect(pick([short], 44, 50)).toBe("short");
    expect(pick([short], 52, 50)).toBe(null);
    expect(pick([line("low", [0, 100], [0, 0])], 50, -4)).toBe(null);
  });

  it("may be a single point, or one that has none", () => {
    expect(pick([line("none", [], []), line("one", [50], [50])], 53, 53)).toBe("one");
  });

  it("is hit on a spike", () => {
    const spiky = line("spiky", [0, 50, 100], [10, 12, 10], {
      lo: Float64Array.of(10, 10, 10),
      hi: Float64Array.of(10, 90, 10),
      spikes: [1],
    });
    expect(pick([spiky], 52, 70)).toBe("spiky");
    expect(pick([spiky], 62, 70)).toBe(null);
  });
});
