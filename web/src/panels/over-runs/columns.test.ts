import { describe, expect, it } from "vitest";
import { makePanel } from "@/data/view/panel";
import { scatterOptions } from "../scatter/options";
import { formatCell, formatCellAmong, summaryOf } from "./columns";

describe("columns in panels", () => {
  it("stand for a metric as most runs have it, then as its goal asks", () => {
    const facts = (name: string, n_runs: number) => ({
      column: `summary.acc${name}`,
      n_runs,
      goal: "maximize" as const,
    });
    expect(summaryOf("acc", [facts("", 1), facts(".max", 44)])).toBe("summary.acc.max");
    expect(summaryOf("acc", [facts("", 44), facts(".min", 44), facts(".max", 44)])).toBe("summary.acc.max");
    expect(
      summaryOf(
        "acc",
        [facts(".last", 3), facts("", 3)].map((column) => ({ ...column, goal: null })),
      ),
    ).toBe("summary.acc");
    expect(summaryOf("acc", [])).toBe("summary.acc");
  });

  it("tell their values as they are meant", () => {
    expect(formatCell("config.lr", 6e-5)).toBe("6e−5");
    expect(formatCell("config.lr", 0.00123456789)).toBe("0.00123456789");
    expect(formatCell("summary.acc", 0.123456)).toBe("0.1235");
    expect(formatCell("runtime", 4000)).toBe("1 h 06 min");
    expect(formatCell("tags", ["a", "b"])).toBe("a, b");
    expect(formatCell("config.x", null)).toBe("not set");
  });

  it("tell a parameter in the notation of the axis that it is on", () => {
    expect(formatCellAmong("config.lr", 0.001, [3e-4, 0.001, null])).toBe("1e−3");
    expect(formatCellAmong("config.lr", 0.001, [0.001, 0.01])).toBe("0.001");
    expect(formatCellAmong("summary.acc", 0.5, [1e-4])).toBe("0.5000");
    expect(formatCellAmong("config.lr", null, [1e-4])).toBe("not set");
  });
});

describe("options from a link", () => {
  it("are as at first where they do not fit", () => {
    const panel = makePanel("p", "scatter", "", {
      options: { x: 7, y: "summary.acc", xScale: "cubic", hasFit: "yes", scope: "listed" },
    });
    expect(scatterOptions(panel)).toEqual({
      x: null,
      y: "summary.acc",
      tint: null,
      xScale: "auto",
      yScale: "auto",
      hasFit: false,
      scope: "listed",
    });
  });
});
