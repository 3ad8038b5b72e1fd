import { act, render, screen } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";
import { FIRST_LINE_VIEW, type LineView } from "@/charts/line/curve";
import { buildChart } from "@/charts/line/line-build";
import { crosshair } from "@/charts/shared-state";
import { exampleCurve } from "@/testing/curves";
import type { CurveFigures, LastValues } from "./curves/use-last-values";
import { LineValues } from "./line-values";

const STEP_VIEW = { ...FIRST_LINE_VIEW, axis: "step" as const };

/** A falling curve in buckets of 1,024 steps; the third has a spike. */
const spiky = exampleCurve(
  {
    axis: "step",
    level: 10,
    bucket: Uint16Array.of(0, 1, 2, 3),
    mean: Float32Array.of(0.75, 0.625, 0.5, 0.25),
    min: Float32Array.of(0.75, 0.625, 0.3125, 0.25),
    max: Float32Array.of(0.75, 0.625, 9, 0.25),
  },
  "spiky",
);

const flat = exampleCurve(
  { axis: "step", level: 10, bucket: Uint16Array.of(0, 1, 2, 3), mean: Float32Array.of(0.5, 0.5, 0.5, 0.5) },
  "flat",
);

function show(
  lasts: LastValues,
  smoothing = STEP_VIEW.smoothing,
  figures: CurveFigures = null,
  curves = [spiky, flat],
  zoom: LineView["zoom"] = null,
): void {
  const built = buildChart(curves, { ...STEP_VIEW, smoothing, zoom });
  const usual = { isByPart: false, isZoomed: zoom !== null, center: "mean", isLessBetter: null } as const;
  render(<LineValues built={built} lasts={lasts} figures={figures} {...usual} />);
}

/** A group whose curve has these buckets. */
function group(name: string, bucket: readonly number[], level = 10) {
  const mean = Float32Array.from(bucket, () => 0.5);
  return exampleCurve(
    {
      axis: "step",
      level,
      run: "",
      group: name,
      bucket: Uint16Array.from(bucket),
      mean,
      runs: Uint32Array.from(bucket, () => 1),
    },
    name,
  );
}

function cells(): string[][] {
  return screen
    .getAllByRole("row")
    .map((row) => [...row.querySelectorAll("th, td")].map(({ textContent }) => textContent.trim()));
}

afterEach(() => act(() => crosshair.set(null)));

test("under the pointer a value has the lowest and the highest of its bucket next to it", () => {
  show(null);
  expect(cells()[0]).toEqual(["Run", "Value", "Curve min"]);
  act(() => crosshair.set({ axis: "step", x: 2500, from: crosshair }));
  expect(screen.getByText("steps 2,048 to 3,071")).toBeTruthy();
  expect(cells()[0]).toEqual(["Run", "Value", "Low – high"]);
  expect(cells()[1]).toEqual(["", "spiky", "0.5000", "0.3125 – 9.0000"]);
  expect(cells()[2]).toEqual(["", "flat", "0.5000", ""]);
});

test("a group's value has the ends of its drawn band next to it, and the runs that are left", () => {
  const mean = Float32Array.of(0.5, 0.5);
  const own = { low: Float32Array.of(0.375, 0.4375), high: Float32Array.of(0.625, 0.5625) };
  const points = { min: Float32Array.of(0, 0), max: Float32Array.of(1, 1) };
  const part = { run: "", group: '["gcn"]', nRuns: 6, runs: Uint32Array.of(6, 1) };
  const bucket = Uint16Array.of(0, 1);
  show(null, STEP_VIEW.smoothing, null, [
    exampleCurve({ axis: "step", level: 10, bucket, mean, ...own, ...points, ...part }, "gcn"),
  ]);
  act(() => crosshair.set({ axis: "step", x: 500, from: crosshair }));
  expect(cells()).toEqual([
    ["Group", "Value", "± standard error"],
    ["", "gcn", "0.5000", "0.3750 – 0.6250"],
  ]);
  act(() => crosshair.set({ axis: "step", x: 1500, from: crosshair }));
  expect(cells()[1]).toEqual(["", "gcn", "1 of 6 runs 0.5000", "0.4375 – 0.5625"]);
});

test("last values stand without a pointer, and nothing until they are known", () => {
  show("pending");
  expect(cells()).toHaveLength(1);
});

test("last values are as logged, the highest first", () => {
  show(
    new Map([
      ["spiky", 0.125],
      ["flat", 0.5],
    ]),
  );
  expect(screen.getByText("last values")).toBeTruthy();
  expect(cells().map((row) => row.slice(1, 3))).toEqual([
    ["Value", "Curve min"],
    ["flat", "0.5000"],
    ["spiky", "0.1250"],
  ]);
});

test("numbers of a column have as many decimals", () => {
  const figures = new Map([
    ["spiky", { end: 0, raw: 0, least: -222.2 }],
    ["flat", { end: 0, raw: 0, least: -36.454 }],
  ]);
  const lasts = new Map([
    ["spiky", 2452.4],
    ["flat", 984.93],
  ]);
  show(lasts, STEP_VIEW.smoothing, figures);
  expect(cells().slice(1)).toEqual([
    ["", "spiky", "2,452.4", "−222.20"],
    ["", "flat", "984.9", "−36.45"],
  ]);
});

test("a smoothed value has the value before smoothing next to it, to which the lowest and the highest belong", () => {
  const smoothing = { ...STEP_VIEW.smoothing, kind: "ema" as const, amount: 0.99 };
  const figures = new Map([
    ["spiky", { end: 0.4375, raw: 0.25, least: 0.25 }],
    ["flat", { end: 0.5, raw: 0.5, least: 0.125 }],
  ]);
  const lasts = new Map([
    ["spiky", 100],
    ["flat", 0.75],
  ]);
  show(lasts, smoothing, figures);
  expect(screen.getByText("last values")).toBeTruthy();
  expect(cells()).toEqual([
    ["Run", "Smoothed", "Value", "Curve min"],
    ["", "flat", "0.5000", "0.75", "0.1250"],
    ["", "spiky", "0.4375", "100.00", "0.2500"],
  ]);
  act(() => crosshair.set({ axis: "step", x: 2500, from: crosshair }));
  expect(cells()[0]).toEqual(["Run", "Smoothed", "Value", "Low – high"]);
  const [, name, smoothed, ...raw] = cells()[1]!;
  expect([name, ...raw]).toEqual(["spiky", "0.5000", "0.3125 – 9.0000"]);
  expect(Number(smoothed)).toBeGreaterThan(0.51);
});

test("of smoothed curves the ends are those that are drawn, where no others are known", () => {
  const smoothing = { ...STEP_VIEW.smoothing, kind: "ema" as const, amount: 0.99 };
  show(null, smoothing);
  expect(screen.getByText("ends of the curves")).toBeTruthy();
  const [, , second] = cells();
  expect(second!.slice(1)).toEqual(["spiky", expect.stringMatching(/^0\.3[0-9]+$/), "0.2500", "0.2500"]);
});

test("where hardly a point stands for several values, no column of ranges takes the room of names", () => {
  show(null);
  act(() => crosshair.set({ axis: "step", x: 1500, from: crosshair }));
  expect(cells()[0]).toEqual(["Run", "Value", "Curve min"]);
});

test("the last values of groups say that they are of their runs, whose ends differ from the curve's", () => {
  const groups = [group("24", [0, 1, 2]), group("48", [0, 1])];
  const lasts = new Map([
    ["24", 0.4],
    ["48", 0.3],
  ]);
  show(lasts, STEP_VIEW.smoothing, null, groups);
  expect(screen.getByText("mean of runs’ last values")).toBeTruthy();
});

test("next to the smoothed end of a group's curve stands that end before smoothing, not what its runs ended with", () => {
  const groups = [group("24", [0, 1, 2]), group("48", [0, 1])];
  const smoothing = { ...STEP_VIEW.smoothing, kind: "ema" as const, amount: 0.9 };
  const figures = new Map([
    ["24", { end: 2.3114, raw: 2.3021, least: 2.25 }],
    ["48", { end: 2.4114, raw: 2.4321, least: 2.25 }],
  ]);
  const lasts = new Map([
    ["24", 5.2639],
    ["48", 4.1],
  ]);
  show(lasts, smoothing, figures, groups);
  expect(screen.getByText("ends of the curves")).toBeTruthy();
  expect(cells().slice(1)).toEqual([
    ["", "48", "2.4114", "2.4321", "2.2500"],
    ["", "24", "2.3114", "2.3021", "2.2500"],
  ]);
});

test("a group has ended where its last bucket has; a value of other steps than the head's says so", () => {
  const sparse = exampleCurve(
    { axis: "step", level: 10, bucket: Uint16Array.of(0, 4), mean: Float32Array.of(0.25, 0.25) },
    "sparse",
  );
  show(null, STEP_VIEW.smoothing, null, [group("24", [0, 1, 2, 3]), group("48", [0, 1]), sparse]);
  act(() => crosshair.set({ axis: "step", x: 2100, from: crosshair }));
  expect(screen.getByText("steps 2,048 to 3,071")).toBeTruthy();
  expect(cells().map((row) => row.slice(1, 3))).toEqual([
    ["Value", "Curve min"],
    ["24", "0.5000"],
    ["sparse", "at steps 0 to 1,023 0.2500"],
    ["48", "ended"],
  ]);
});

test("zoomed in, the lowest point is of what is in view, and a dash where a curve has ended before", () => {
  show(null, STEP_VIEW.smoothing, null, [group("24", [0, 1, 2, 3]), group("48", [0])], [2048, 4096]);
  act(() => crosshair.set({ axis: "step", x: 3500, from: crosshair }));
  expect(cells().map((row) => row.slice(1))).toEqual([
    ["Value", "Min in view"],
    ["24", "0.5000", "0.5000"],
    ["48", "ended", "–"],
  ]);
});
