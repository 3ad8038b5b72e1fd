import { describe, expect, it } from "vitest";
import type { TableWindow } from "@/api/files/tables";
import { firstPlot, plotOption, plotRows, plotSpec } from "./plot-spec";

const COLUMNS = [
  { name: "run", title: "run", type: "string" },
  { name: "a.b", title: "a.b", type: "number" },
  { name: "c", title: "c", type: "number" },
];
const SCATTER = { mark: "scatter", x: "a.b", y: "c", color: "run" } as const;

describe("plots of a table", () => {
  it("begin with its first two columns of numbers, in the colours of runs", () => {
    expect(firstPlot(COLUMNS, true)).toEqual(SCATTER);
    expect(firstPlot(COLUMNS.slice(0, 2), false)).toEqual({
      mark: "histogram",
      x: "a.b",
      y: null,
      color: null,
    });
    expect(firstPlot(COLUMNS.slice(0, 1), false)?.mark).toBe("bar");
    expect(firstPlot([], false)).toBeNull();
  });

  it("have the colours of runs, and names of columns only as titles", () => {
    const spec = plotSpec(SCATTER, COLUMNS, new Map([["run-1", "red"]]));
    expect(spec.encoding).toMatchObject({
      x: { field: "x", title: "a.b", type: "quantitative" },
      y: { field: "y", title: "c" },
      color: { field: "color", scale: { domain: ["run-1"], range: ["red"] } },
    });
    const bars = plotSpec({ mark: "bar", x: "run", y: "c", color: null }, COLUMNS, new Map());
    expect(bars.encoding).toMatchObject({
      x: { type: "nominal" },
      y: { aggregate: "mean", title: "mean of c" },
    });
    expect(bars.encoding).not.toHaveProperty("color");
  });

  it("leave out what has no place, and read only plots that are valid", () => {
    const window = { columns: COLUMNS, rows: [["r", "NaN", 1]] } as unknown as TableWindow;
    expect(plotRows(window, SCATTER)).toEqual([{ x: null, y: 1, color: "r" }]);
    expect(plotOption(SCATTER)).toEqual(SCATTER);
    expect(plotOption({ mark: "pie", x: "a" })).toBeNull();
    expect(plotOption({ mark: "bar" })).toBeNull();
  });
});
